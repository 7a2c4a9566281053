import numpy as np

from dealerdesk.bridges.simulator.names import COUNTRIES
from dealerdesk.bridges.simulator.people import INTRODUCERS, PROFILE_SHARES, Profile, chance, introducer_code, people

NOON_US = 1_763_467_200_000_000
IDS = np.arange(100_000, 120_000)


def test_a_person_is_the_same_whoever_else_is_asked_for():
    alone = people(7, np.array([104_711]), NOON_US).clients()[0]
    assert people(7, IDS, NOON_US).clients()[4_711] == alone
    assert people(8, np.array([104_711]), NOON_US).clients()[0] != alone


def test_people_come_from_many_countries_and_write_their_names_in_many_scripts():
    clients = people(1, IDS, NOON_US).clients()
    assert len({client.country for client in clients}) == len(COUNTRIES) >= 40
    letters = {letter for client in clients for letter in client.name}
    for sample in "ßłλдمש佐김शไ":
        assert sample in letters


def test_profiles_have_their_shares():
    profile = people(1, IDS, NOON_US).profile
    for each in Profile:
        assert abs((profile == each).mean() - PROFILE_SHARES[each]) < 0.01


def test_everyone_registered_before_the_start_and_some_were_introduced():
    persons = people(1, IDS, NOON_US)
    assert persons.registered_us.max() < NOON_US
    assert 0.33 < (persons.introducer > 0).mean() < 0.37
    assert introducer_code(0) == ""
    assert introducer_code(len(INTRODUCERS)) == "IB-340"


def test_chance_is_uniform_and_independent_between_fields():
    one, other = chance(1, IDS, 1), chance(1, IDS, 2)
    assert abs(one.mean() - 0.5) < 0.01
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.03
