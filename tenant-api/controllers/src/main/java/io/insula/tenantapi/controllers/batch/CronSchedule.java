package io.insula.tenantapi.controllers.batch;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// When a CronJob is due: five fields (minute, hour, day of month, month, day of week), a descriptor
/// (`@daily`) or `@every 90m`. Immutable. Where both day fields are restricted one of them is enough. Times
/// that a clock change skips do not happen, times that it repeats happen twice. Source: robfig/cron v3, the
/// standard parser, which upstream uses.
sealed interface CronSchedule {

    /// The first time after `time`; empty where there is none within five years (30 February).
    Optional<Instant> next(Instant time);

    /// @throws IllegalArgumentException with what is wrong
    static CronSchedule parse(String text, ZoneId zone) {
        String spec = text.strip();
        if (spec.startsWith("@every ")) {
            return new Every(GoDuration.parse(spec.substring("@every ".length()).strip()));
        }
        String fields = spec;
        if (spec.startsWith("@")) {
            fields = Fields.DESCRIPTORS.getOrDefault(spec, "");
            if (fields.isEmpty()) {
                throw new IllegalArgumentException("unrecognized descriptor: " + spec);
            }
        }
        String[] parts = fields.split("\\s+", -1);
        if (parts.length != 5) {
            throw new IllegalArgumentException(
                    "expected exactly 5 fields, found " + parts.length + ": [" + fields + "]");
        }
        return new Fields(
                FieldSet.parse(parts[0], 0, 59, List.of()),
                FieldSet.parse(parts[1], 0, 23, List.of()),
                FieldSet.parse(parts[2], 1, 31, List.of()),
                FieldSet.parse(parts[3], 1, 12, Fields.MONTHS),
                FieldSet.parse(parts[4], 0, 6, Fields.DAYS),
                zone);
    }

    /// A fixed delay, in whole seconds, at least one.
    record Every(Duration delay) implements CronSchedule {
        public Every {
            delay = delay.toSeconds() < 1 ? Duration.ofSeconds(1) : delay.truncatedTo(ChronoUnit.SECONDS);
        }

        @Override
        public Optional<Instant> next(Instant time) {
            return Optional.of(time.truncatedTo(ChronoUnit.SECONDS).plus(delay));
        }
    }

    /// Wall-clock fields in a zone.
    record Fields(
            FieldSet minutes, FieldSet hours, FieldSet daysOfMonth, FieldSet months, FieldSet daysOfWeek, ZoneId zone)
            implements CronSchedule {

        static final List<String> MONTHS =
                List.of("", "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec");
        static final List<String> DAYS = List.of("sun", "mon", "tue", "wed", "thu", "fri", "sat");
        static final Map<String, String> DESCRIPTORS = Map.of(
                "@yearly", "0 0 1 1 *",
                "@annually", "0 0 1 1 *",
                "@monthly", "0 0 1 * *",
                "@weekly", "0 0 * * 0",
                "@daily", "0 0 * * *",
                "@midnight", "0 0 * * *",
                "@hourly", "0 * * * *");
        private static final int YEARS = 5;

        @Override
        public Optional<Instant> next(Instant time) {
            ZonedDateTime t = time.atZone(zone).truncatedTo(ChronoUnit.MINUTES).plusMinutes(1);
            int lastYear = t.getYear() + YEARS;
            while (t.getYear() <= lastYear) {
                ZonedDateTime later = advance(t);
                if (later.isEqual(t)) {
                    return Optional.of(t.toInstant());
                }
                t = later;
            }
            return Optional.empty();
        }

        /// The same time where all fields match, else one that is nearer to the next match.
        private ZonedDateTime advance(ZonedDateTime t) {
            if (!months.has(t.getMonthValue())) {
                return t.toLocalDate().withDayOfMonth(1).plusMonths(1).atStartOfDay(zone);
            }
            if (!dayMatches(t)) {
                return t.toLocalDate().plusDays(1).atStartOfDay(zone);
            }
            if (!hours.has(t.getHour())) {
                return t.truncatedTo(ChronoUnit.HOURS).plusHours(1);
            }
            return minutes.has(t.getMinute()) ? t : t.plusMinutes(1);
        }

        private boolean dayMatches(ZonedDateTime t) {
            boolean month = daysOfMonth.has(t.getDayOfMonth());
            boolean week = daysOfWeek.has(t.getDayOfWeek().getValue() % 7);
            boolean unrestricted = daysOfMonth.star() || daysOfWeek.star();
            return unrestricted ? month && week : month || week;
        }
    }

    /// The values one field allows, as bits.
    ///
    /// @param star whether the field restricts nothing
    record FieldSet(long bits, boolean star) {

        boolean has(int value) {
            return (bits >> value & 1) == 1;
        }

        static FieldSet parse(String field, int min, int max, List<String> names) {
            long bits = 0;
            boolean star = false;
            for (String part : field.split(",", -1)) {
                FieldSet one = parseRange(part, min, max, names);
                bits |= one.bits;
                star |= one.star;
            }
            return new FieldSet(bits, star);
        }

        private static FieldSet parseRange(String text, int min, int max, List<String> names) {
            String[] rangeAndStep = text.split("/", -1);
            String[] ends = rangeAndStep[0].split("-", -1);
            if (rangeAndStep.length > 2) {
                throw new IllegalArgumentException("too many slashes: " + text);
            }
            boolean star = ends[0].equals("*") || ends[0].equals("?");
            int start = star ? min : number(ends[0], names);
            int end = star ? max : start;
            if (!star && ends.length == 2) {
                end = number(ends[1], names);
            } else if (ends.length > 2) {
                throw new IllegalArgumentException("too many hyphens: " + text);
            }
            int step = 1;
            if (rangeAndStep.length == 2) {
                step = number(rangeAndStep[1], List.of());
                end = ends.length == 1 ? max : end;
                star &= step == 1;
            }
            check(start >= min, "beginning of range (" + start + ") below minimum (" + min + "): " + text);
            check(end <= max, "end of range (" + end + ") above maximum (" + max + "): " + text);
            check(start <= end, "beginning of range (" + start + ") beyond end of range (" + end + "): " + text);
            check(step > 0, "step of range should be a positive number: " + text);
            long bits = 0;
            for (int i = start; i <= end; i += step) {
                bits |= 1L << i;
            }
            return new FieldSet(bits, star);
        }

        private static int number(String text, List<String> names) {
            int named = names.indexOf(text.toLowerCase(Locale.ROOT));
            if (named >= 0 && !text.isEmpty()) {
                return named;
            }
            if (text.isEmpty() || text.length() > 9 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
                throw new IllegalArgumentException("failed to parse int from " + text + ": invalid syntax");
            }
            return Integer.parseInt(text);
        }

        private static void check(boolean holds, String otherwise) {
            if (!holds) {
                throw new IllegalArgumentException(otherwise);
            }
        }
    }

    /// Go's text form of durations, `1h30m`, `90s`.
    final class GoDuration {

        private static final Pattern PART = Pattern.compile("(\\d+(?:\\.\\d+)?)(ns|us|µs|ms|s|m|h)");
        private static final Map<String, Double> SECONDS =
                Map.of("ns", 1e-9, "us", 1e-6, "µs", 1e-6, "ms", 1e-3, "s", 1d, "m", 60d, "h", 3600d);

        private GoDuration() {}

        static Duration parse(String text) {
            Matcher matcher = PART.matcher(text);
            double seconds = 0;
            int end = 0;
            while (end < text.length() && matcher.find(end) && matcher.start() == end) {
                seconds += Double.parseDouble(matcher.group(1)) * SECONDS.getOrDefault(matcher.group(2), 0d);
                end = matcher.end();
            }
            if (end == 0 || end < text.length()) {
                throw new IllegalArgumentException("failed to parse duration @every " + text);
            }
            return Duration.ofNanos((long) (seconds * 1e9));
        }
    }
}
