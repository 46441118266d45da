package io.insula.it.bench;

import java.util.List;
import java.util.Locale;

/// Milliseconds of one thing, measured several times. Immutable.
record Sample(List<Double> millis) {

    Sample {
        millis = millis.stream().sorted().toList();
    }

    double median() {
        return millis.get(millis.size() / 2);
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%.0f ms (%.0f to %.0f)", median(), millis.getFirst(), millis.getLast());
    }
}
