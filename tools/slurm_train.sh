#!/usr/bin/env bash
# Train on Slurm, on every GPU of the job's machines:
#
#   sbatch --nodes 2 --gpus-per-node 8 --time 24:00:00 tools/slurm_train.sh configs/cpm_lsp.py --amp
#
# What follows the config goes to tools/train.py. Before the time is over, or when the job has to
# make way for another, the training saves, and the job queues again and goes on where it stopped.
# MAX_RESTARTS (default 3) is how often torchrun starts anew after a process has failed.
#SBATCH --job-name=poseforge
#SBATCH --ntasks-per-node=1
#SBATCH --signal=B:USR1@180
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=%x-%j.log
set -euo pipefail

if [ $# -eq 0 ] || [ -z "${SLURM_JOB_ID:-}" ]; then
    echo "error: this is a job script; start it with: sbatch tools/slurm_train.sh CONFIG" >&2
    exit 2
fi
hosts=$(scontrol show hostnames "$SLURM_JOB_NODELIST")
meeting_point="${hosts%%$'\n'*}:$((20000 + SLURM_JOB_ID % 10000))"

# One torchrun a machine; where one ends in failure, srun ends the others.
srun --kill-on-bad-exit=1 torchrun \
    --nnodes "$SLURM_JOB_NUM_NODES" --nproc-per-node "${SLURM_GPUS_ON_NODE:-1}" \
    --max-restarts "${MAX_RESTARTS:-3}" \
    --rdzv-backend c10d --rdzv-id "$SLURM_JOB_ID" --rdzv-endpoint "$meeting_point" \
    tools/train.py "$@" --launcher pytorch &
training=$!

asked_to_stop=false
# srun hands the signal on, and every process saves.
trap 'asked_to_stop=true; kill -TERM "$training" 2>/dev/null || true' USR1 TERM

status=0
wait "$training" || status=$?
while kill -0 "$training" 2>/dev/null; do # a signal has ended the waiting, not the training
    status=0
    wait "$training" || status=$?
done
if $asked_to_stop && [ "$status" -ne 0 ]; then
    scontrol requeue "$SLURM_JOB_ID"
fi
exit "$status"
