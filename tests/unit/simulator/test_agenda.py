from dealerdesk.bridges.simulator.agenda import Agenda, Plan


def test_plans_come_due_in_order_of_time_and_of_making():
    agenda = Agenda()
    agenda.close(300, account=1, position=30)
    agenda.trade(100, account=2, symbol=5, side=1)
    agenda.close(100, account=3, position=10)
    assert [(entry.plan, entry.account) for entry in agenda.due(299)] == [(Plan.TRADE, 2), (Plan.CLOSE, 3)]
    assert len(agenda) == 1
    assert agenda.due(299) == []
    assert [entry.number for entry in agenda.due(300)] == [30]
