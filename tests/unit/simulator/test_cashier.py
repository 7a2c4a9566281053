from dealerdesk.bridges.simulator.cashier import PROVIDERS, operation_texts


def test_a_providers_reference_is_its_own_and_always_the_same():
    name, reference, comment = operation_texts({}, 5_000_001, 1)
    assert (name, comment) == (PROVIDERS[0].name, "")
    assert reference == operation_texts({}, 5_000_001, 1)[1]
    assert reference.startswith("pay_")
    assert reference != operation_texts({}, 5_000_002, 1)[1]


def test_without_a_provider_the_noted_reference_and_comment_are_told():
    assert operation_texts({7: ("INV-1", "cmd-1")}, 7, 0) == ("", "INV-1", "cmd-1")
    assert operation_texts({}, 7, 0) == ("", "", "")


def test_the_providers_weights_make_a_whole():
    assert abs(sum(provider.weight for provider in PROVIDERS) - 1) < 1e-9
