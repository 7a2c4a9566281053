from dealerdesk.bridges.simulator.names import COUNTRIES


def test_every_country_has_eight_given_and_eight_family_names():
    for country in COUNTRIES:
        assert len(country.code) == 2
        assert len(set(country.given)) == len(country.given) == 8, country.code
        assert len(set(country.family)) == len(country.family) == 8, country.code
        assert country.weight > 0


def test_a_blank_within_a_name_is_kept():
    dutch = next(country for country in COUNTRIES if country.code == "NL")
    assert "van den Berg" in dutch.family


def test_chinese_names_are_written_family_first_without_a_blank():
    chinese = next(country for country in COUNTRIES if country.code == "CN")
    assert (chinese.family_first, chinese.joiner) == (True, "")
