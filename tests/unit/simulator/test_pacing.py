from dealerdesk.bridges.simulator.pacing import LAG_MAX_US, Pace


def test_simulated_time_follows_the_wall_clock_times_the_speed():
    pace = Pace(start_us=1_000_000, wall_us=500, speed=4.0)
    assert pace.due_us(500) == 1_000_000
    assert pace.due_us(1_500) == 1_004_000
    assert pace.wait_s(1_050_000, 500) == 0.0125
    assert pace.wait_s(1_050_000, 20_000) < 0


def test_a_short_lag_is_caught_up_and_a_long_one_left_out():
    pace = Pace(start_us=0, wall_us=0, speed=1.0)
    assert pace.forgive(0, LAG_MAX_US) == 0
    late = LAG_MAX_US + 10
    assert pace.forgive(0, late) == late
    assert pace.due_us(late) == 0
    assert pace.due_us(late + 7) == 7
