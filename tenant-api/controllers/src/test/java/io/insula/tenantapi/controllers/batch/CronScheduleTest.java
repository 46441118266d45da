package io.insula.tenantapi.controllers.batch;

import static io.insula.tenantapi.controllers.ManagerFixture.parse;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The cases of robfig/cron's own tests, as far as its standard parser takes them.
final class CronScheduleTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // schedule | zone | from | next
                "0/15 * * * *         | UTC              | 2012-07-09T14:45:00Z | 2012-07-09T15:00:00Z",
                "0/15 * * * *         | UTC              | 2012-07-09T14:59:59Z | 2012-07-09T15:00:00Z",
                "20-35/15 * * * *     | UTC              | 2012-07-09T14:45:00Z | 2012-07-09T15:20:00Z",
                "*/15 20-21 * * *     | UTC              | 2012-07-09T23:46:00Z | 2012-07-10T20:00:00Z",
                "30 */4 * * *         | UTC              | 2012-07-09T23:35:00Z | 2012-07-10T00:30:00Z",
                "0 0 9 Apr-Oct ?      | UTC              | 2012-07-09T23:35:00Z | 2012-08-09T00:00:00Z",
                "0 0 */5 Apr,Aug,Oct Mon | UTC           | 2012-07-09T23:35:00Z | 2012-08-01T00:00:00Z",
                "0 0 */5 Oct Mon      | UTC              | 2012-07-09T23:35:00Z | 2012-10-01T00:00:00Z",
                "0 0 * Feb Mon        | UTC              | 2012-07-09T23:35:00Z | 2013-02-04T00:00:00Z",
                "0 0 * Feb Mon/2      | UTC              | 2012-07-09T23:35:00Z | 2013-02-01T00:00:00Z",
                "0 0 29 Feb ?         | UTC              | 2012-07-09T23:35:00Z | 2016-02-29T00:00:00Z",
                "0 0 1 * sun          | UTC              | 2012-07-09T23:35:00Z | 2012-07-15T00:00:00Z",
                "@hourly              | UTC              | 2012-07-09T14:45:10Z | 2012-07-09T15:00:00Z",
                "@weekly              | UTC              | 2012-07-09T14:45:10Z | 2012-07-15T00:00:00Z",
                "@every 1h30m         | UTC              | 2012-07-09T14:45:10.5Z | 2012-07-09T16:15:10Z",
                "@every 10ms          | UTC              | 2012-07-09T14:45:10Z | 2012-07-09T14:45:11Z",
                "0 9 * * *            | Asia/Tokyo       | 2012-07-09T01:00:00Z | 2012-07-10T00:00:00Z",
                // spring forward skips half past two, fall back has half past one twice
                "30 2 11 Mar ?        | America/New_York | 2012-03-11T05:00:00Z | 2013-03-11T06:30:00Z",
                "0 * * * *            | America/New_York | 2012-03-11T06:00:00Z | 2012-03-11T07:00:00Z",
                "0 3 * * *            | America/New_York | 2012-03-11T05:00:00Z | 2012-03-11T07:00:00Z",
                "30 1 * * *           | America/New_York | 2012-11-04T05:30:00Z | 2012-11-04T06:30:00Z",
                "0 0 * * *            | America/Sao_Paulo | 2018-11-03T05:00:00Z | 2018-11-05T02:00:00Z",
            })
    void findsTheNextTime(String schedule, String zone, Instant from, Instant next) {
        assertThat(CronSchedule.parse(schedule, ZoneId.of(zone)).next(from)).contains(next);
    }

    @Test
    void knowsTimesThatNeverCome() {
        assertThat(CronSchedule.parse("0 0 30 2 *", ZoneId.of("UTC")).next(Instant.EPOCH))
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "* * * *         | expected exactly 5 fields, found 4: [* * * *]",
                "60 * * * *      | end of range (60) above maximum (59): 60",
                "* * 0 * *       | beginning of range (0) below minimum (1): 0",
                "5-1 * * * *     | beginning of range (5) beyond end of range (1): 5-1",
                "*/0 * * * *     | step of range should be a positive number: */0",
                "* * * * 7       | end of range (7) above maximum (6): 7",
                "xyz * * * *     | failed to parse int from xyz: invalid syntax",
                "@unrecognized   | unrecognized descriptor: @unrecognized",
            })
    void refusesWhatUpstreamRefuses(String schedule, String message) {
        assertThatThrownBy(() -> CronSchedule.parse(schedule, ZoneId.of("UTC"))).hasMessage(message);
    }

    @Test
    void takesOnlyTheLastOfSeveralMissedRuns() {
        var cronJob = parse("{metadata: {creationTimestamp: '2026-01-01T10:00:00Z'}, spec: {}}");
        CronSchedule hourly = CronSchedule.parse("0 * * * *", ZoneId.of("UTC"));
        MissedRuns missed = MissedRuns.of(cronJob, hourly, Instant.parse("2026-01-01T15:30:00Z"), true);
        assertThat(missed.due()).contains(Instant.parse("2026-01-01T15:00:00Z"));
        assertThat(missed.many()).isFalse();
        assertThat(MissedRuns.of(cronJob, hourly, Instant.parse("2026-02-01T15:30:00Z"), true)
                        .many())
                .isTrue();
        assertThat(MissedRuns.of(cronJob, hourly, Instant.parse("2026-01-01T10:59:59Z"), true)
                        .due())
                .isEmpty();
    }

    @Test
    void writesIndexesAsRanges() {
        assertThat(Indexes.parse("0-2,4,7-9,12", 9).toString()).isEqualTo("0-2,4,7,8");
        assertThat(Indexes.NONE.with(List.of(5, 3, 4)).toString()).isEqualTo("3-5");
        assertThat(Indexes.parse("", 9).toString()).isEmpty();
    }
}
