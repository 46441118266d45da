package io.insula.tenantapi.kinds;

import java.time.Duration;

/// Durations as people read them. Source: kubernetes/apimachinery `util/duration.HumanDuration`.
public final class Durations {

    private Durations() {}

    /// `5s`, `3m20s`, `15m`, `5h10m`, `2d4h`, `400d`, `2y3d`.
    public static String human(Duration duration) {
        long seconds = duration.toSeconds();
        if (seconds < -1) {
            return "<invalid>";
        }
        if (seconds < 0) {
            return "0s";
        }
        if (seconds < 60 * 2) {
            return seconds + "s";
        }
        long minutes = seconds / 60;
        if (minutes < 10) {
            return pair(minutes, "m", seconds % 60, "s");
        }
        if (minutes < 60 * 3) {
            return minutes + "m";
        }
        long hours = minutes / 60;
        if (hours < 8) {
            return pair(hours, "h", minutes % 60, "m");
        }
        if (hours < 48) {
            return hours + "h";
        }
        if (hours < 24 * 8) {
            return pair(hours / 24, "d", hours % 24, "h");
        }
        if (hours < 24 * 365 * 2) {
            return hours / 24 + "d";
        }
        long years = hours / 24 / 365;
        if (hours < 24 * 365 * 8) {
            return pair(years, "y", hours / 24 % 365, "d");
        }
        return years + "y";
    }

    private static String pair(long first, String unit, long second, String secondUnit) {
        return second == 0 ? first + unit : first + unit + second + secondUnit;
    }
}
