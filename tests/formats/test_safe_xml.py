import pytest

from poseforge.formats.safe_xml import parse_xml


def test_xml_is_parsed():
    text = '<?xml version="1.0" encoding="utf-8"?><a><b c="ü"/></a>'
    assert parse_xml(text.encode())[0].attrib == {"c": "ü"}


def test_entities_never_expand():
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<!DOCTYPE a [<!ENTITY l0 "ha">{levels}]><a>&l9;</a>'
    with pytest.raises(ValueError, match="declares a DOCTYPE"):
        parse_xml(bomb)
    with pytest.raises(ValueError, match="declares a DOCTYPE"):
        parse_xml('<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>')


@pytest.mark.parametrize(
    "text", ["", "<a>", "<?xml version='1.0' encoding='utfx'?><a/>", "plain", "<a>&nowhere;</a>"]
)
def test_what_is_no_xml_is_one_sentence(text):
    with pytest.raises(ValueError, match="is not whole XML"):
        parse_xml(text.encode())
