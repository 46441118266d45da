package io.insula.tenantapi.metrics;

import java.math.BigDecimal;
import java.util.List;

/// The series of one name. Thread-safe.
abstract sealed class Family permits Counter, Histogram, Asked {

    private final String type;
    private final String name;
    private final String help;
    private final List<String> labels;

    Family(String type, String name, String help, List<String> labels) {
        this.type = type;
        this.name = name;
        this.help = help;
        this.labels = List.copyOf(labels);
    }

    final String name() {
        return name;
    }

    /// Appends all series; nothing where there is none.
    abstract void write(StringBuilder out);

    final void writeHead(StringBuilder out) {
        out.append("# HELP ").append(name).append(' ').append(help).append("\n# TYPE ");
        out.append(name).append(' ').append(type).append('\n');
    }

    final List<String> key(String... values) {
        if (values.length != labels.size()) {
            throw new IllegalArgumentException(
                    name + ": " + values.length + " label values (expected: " + labels.size() + ")");
        }
        return List.of(values);
    }

    /// @param more `name="value"`, or empty
    final void writeLine(StringBuilder out, String suffix, List<String> values, String more, double value) {
        out.append(name).append(suffix);
        if (!values.isEmpty() || !more.isEmpty()) {
            out.append('{');
            for (int i = 0; i < values.size(); i++) {
                out.append(i == 0 ? "" : ",").append(labels.get(i)).append("=\"");
                escape(out, values.get(i));
                out.append('"');
            }
            out.append(values.isEmpty() || more.isEmpty() ? "" : ",")
                    .append(more)
                    .append('}');
        }
        out.append(' ').append(number(value)).append('\n');
    }

    static String number(double value) {
        if (value == Math.rint(value) && Math.abs(value) < 1e15) {
            return Long.toString((long) value);
        }
        if (Double.isInfinite(value) || Double.isNaN(value)) {
            return value == Double.POSITIVE_INFINITY ? "+Inf" : "NaN";
        }
        return BigDecimal.valueOf(value).toPlainString();
    }

    private static void escape(StringBuilder out, String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '\\' -> out.append("\\\\");
                case '"' -> out.append("\\\"");
                case '\n' -> out.append("\\n");
                default -> out.append(c);
            }
        }
    }
}
