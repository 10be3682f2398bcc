/* SPDX-License-Identifier: MIT
 *
 * Speeds are compared, not latencies: an endpoint whose answers take anything
 * between 20 ms and 2 s is fast with many requests under way, one that queues them
 * is not, and both look alike to whoever watches latency alone.
 */
#include "shipper/sender/pace.h"

enum {
    SECOND_MS = 1000,
    HOLD_FIRST_MS = 500,
    HOLD_MOST_MS = 8000,
    SLOW_MS = 20, /* latency below that is none to worry about */
};

static const double double_gain = 1.25; /* at least, for twice as many under way */
static const double more_gain = 1.03;   /* at least, for an eighth more */
static const double fewer_gain = 0.97;  /* at least, for an eighth fewer */
static const double burst_s = 0.1;      /* what may start at once of a second's share */

static void begin_round(struct pace *pace, size_t skip)
{
    pace->round_ms = -1;
    pace->round_skip = skip;
    pace->answers = pace->full_answers = 0;
}

void pace_init(struct pace *pace, size_t most, double rate_limit)
{
    *pace = (struct pace){.most = most,
        .rate_limit = rate_limit,
        .level = most < PACE_FIRST ? (double)most : PACE_FIRST,
        .hold_ms = HOLD_FIRST_MS,
        .answer_ms = -1,
        .filled_ms = -1};
    pace->held_level = pace->level;
    begin_round(pace, 0);
}

/* --- how many a second -------------------------------------------------------- */

/* 0: any number. */
static double rate(const struct pace *pace, int64_t now_ms)
{
    int64_t step =
        pace->ramp_step_ms > 0 ? (now_ms - pace->ramp_ms) / pace->ramp_step_ms : PACE_RAMP_STEPS;
    double ramp = (double)PACE_RAMP_FIRST * (double)(1 << (step < PACE_RAMP_STEPS ? step : 0));

    if (step >= PACE_RAMP_STEPS)
        return pace->rate_limit;
    return pace->rate_limit > 0 && pace->rate_limit < ramp ? pace->rate_limit : ramp;
}

static void fill(struct pace *pace, double a_second, int64_t now_ms)
{
    double burst = a_second * burst_s > 1 ? a_second * burst_s : 1;

    pace->tokens = pace->filled_ms < 0
                       ? burst
                       : pace->tokens + a_second * (double)(now_ms - pace->filled_ms) / SECOND_MS;
    if (pace->tokens > burst)
        pace->tokens = burst;
    pace->filled_ms = now_ms;
}

size_t pace_permits(struct pace *pace, size_t in_flight, int64_t now_ms)
{
    double a_second = rate(pace, now_ms);
    size_t free = (size_t)pace->level > in_flight ? (size_t)pace->level - in_flight : 0;

    if (in_flight == 0 && now_ms > pace->answer_ms)
        begin_round(pace, 0); /* it was idle */
    pace->under_way = in_flight;
    if (a_second <= 0)
        return free;
    fill(pace, a_second, now_ms);
    return (double)free < pace->tokens ? free : pace->tokens > 0 ? (size_t)pace->tokens : 0;
}

int64_t pace_next_ms(const struct pace *pace, int64_t now_ms)
{
    double a_second = rate(pace, now_ms);

    if (a_second <= 0 || pace->tokens >= 1)
        return INT64_MAX;
    return now_ms + 1 + (int64_t)((1 - pace->tokens) / a_second * SECOND_MS);
}

enum pace_bound pace_bound(const struct pace *pace, int64_t now_ms)
{
    double a_second = rate(pace, now_ms);

    if (a_second <= 0 || pace->tokens >= 1)
        return PACE_FREE;
    return a_second < pace->rate_limit || pace->rate_limit <= 0 ? PACE_BY_RAMP : PACE_BY_RATE_LIMIT;
}

void pace_start(struct pace *pace)
{
    pace->tokens -= 1;
    pace->under_way++;
}

/* --- how many at once ----------------------------------------------------------- */

static void set_level(struct pace *pace, double level)
{
    pace->is_doubted = false;
    pace->level = level < 1 ? 1 : level > (double)pace->most ? (double)pace->most : level;
    begin_round(pace, pace->in_flight);
}

static void hold(struct pace *pace, double level, double speed, int64_t now_ms)
{
    pace->phase = PACE_HOLDING;
    pace->held_speed = speed;
    pace->try_at_ms = now_ms + pace->hold_ms;
    if (pace->hold_ms < HOLD_MOST_MS)
        pace->hold_ms *= 2;
    set_level(pace, level);
}

static void try_level(struct pace *pace, enum pace_phase phase, double level)
{
    pace->phase = phase;
    pace->held_level = pace->level;
    set_level(pace, level);
}

/* The level is as good as the one before, or better: goes on from here. */
static void accept(struct pace *pace, double speed, int64_t now_ms)
{
    enum pace_phase phase = pace->phase;

    pace->hold_ms = HOLD_FIRST_MS;
    pace->held_speed = speed;
    if (phase == PACE_DOUBLING && pace->level < (double)pace->most)
        try_level(pace, PACE_DOUBLING, pace->level * 2);
    else if (phase == PACE_TRYING_MORE && pace->level < (double)pace->most)
        try_level(pace, PACE_TRYING_MORE, pace->level + 1 + pace->level / 8);
    else
        hold(pace, pace->level, speed, now_ms);
}

/* More and fewer by turns, as far as there is room. */
static void try_another(struct pace *pace, double speed)
{
    bool is_most = pace->level >= (double)pace->most, is_least = pace->level <= 1;
    bool is_fewer = is_most || (!is_least && !pace->was_fewer);

    pace->held_speed = speed;
    pace->was_fewer = is_fewer;
    if (!is_most || !is_least)
        try_level(pace, is_fewer ? PACE_TRYING_FEWER : PACE_TRYING_MORE,
            is_fewer ? pace->level - 1 - pace->level / 8 : pace->level + 1 + pace->level / 8);
}

static void judge_held(struct pace *pace, double speed, int64_t now_ms)
{
    bool is_slow = pace->level / speed * SECOND_MS > SLOW_MS;

    if (is_slow && pace->held_speed > 0 && speed < pace->held_speed / 2) {
        pace->hold_ms = HOLD_FIRST_MS;
        hold(pace, pace->level * 2 / 3, 0, now_ms);
    } else if (now_ms >= pace->try_at_ms) {
        try_another(pace, speed);
    } else {
        if (pace->held_speed <= 0)
            pace->held_speed = speed;
        begin_round(pace, 0);
    }
}

/* One moment in which this host was busy must not end the climb: once more. */
static void doubt(struct pace *pace)
{
    pace->is_doubted = true;
    begin_round(pace, 0);
}

static void judge_round(struct pace *pace, double speed, int64_t now_ms)
{
    double gain = pace->held_speed > 0 ? speed / pace->held_speed : 2;

    if (pace->phase == PACE_HOLDING)
        judge_held(pace, speed, now_ms);
    else if (gain >= (pace->phase == PACE_DOUBLING         ? double_gain
                         : pace->phase == PACE_TRYING_MORE ? more_gain
                                                           : fewer_gain))
        accept(pace, speed, now_ms);
    else if (pace->phase == PACE_DOUBLING && !pace->is_doubted)
        doubt(pace);
    else
        hold(pace, pace->held_level, pace->held_speed, now_ms);
}

static void cut(struct pace *pace, size_t in_flight, int64_t now_ms)
{
    if (pace->deaf > 0)
        return;
    pace->deaf = in_flight;
    pace->hold_ms = HOLD_FIRST_MS;
    hold(pace, pace->level / 2, 0, now_ms);
}

/* Answers come in bursts, so a round begins with one and ends where another begins. */
static void end_round(struct pace *pace, int64_t now_ms)
{
    int64_t took_ms = now_ms - pace->round_ms;

    if (pace->round_ms < 0 || pace->answers < (size_t)pace->level || took_ms < PACE_ROUND_MS ||
        now_ms == pace->answer_ms)
        return;
    if (pace->full_answers < pace->answers / 4 * 3)
        begin_round(pace, 0); /* there was nothing to send: it tells nothing */
    else
        judge_round(pace, (double)pace->answers / (double)took_ms * SECOND_MS, now_ms);
}

void pace_answer(struct pace *pace, bool is_too_much, size_t in_flight, int64_t now_ms)
{
    bool is_burst = now_ms != pace->answer_ms;

    pace->in_flight = in_flight;
    if (is_too_much)
        cut(pace, in_flight, now_ms);
    if (pace->deaf > 0)
        pace->deaf--;
    end_round(pace, now_ms);
    pace->answer_ms = now_ms;
    if (pace->round_skip > 0) {
        pace->round_skip--;
        return;
    }
    if (pace->round_ms < 0 && !is_burst)
        return;
    if (pace->round_ms < 0)
        pace->round_ms = now_ms;
    pace->answers++;
    pace->full_answers += pace->under_way + 1 >= (size_t)pace->level;
}

void pace_resume(struct pace *pace, int64_t outage_ms, int64_t now_ms)
{
    pace->ramp_ms = now_ms;
    pace->ramp_step_ms = outage_ms / 16 < SECOND_MS ? outage_ms / 16 : SECOND_MS;
    pace->tokens = 0;
    pace->filled_ms = now_ms;
    pace->phase = PACE_DOUBLING;
    pace->held_speed = 0;
    pace->held_level = 1;
    pace->hold_ms = HOLD_FIRST_MS;
    pace->deaf = 0;
    set_level(pace, 1);
}
