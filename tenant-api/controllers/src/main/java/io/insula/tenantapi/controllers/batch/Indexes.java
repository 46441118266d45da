package io.insula.tenantapi.controllers.batch;

import java.util.Collection;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/// A set of completion indexes, written as upstream does: `0,2-4,7`. Immutable.
record Indexes(TreeSet<Integer> all) {

    static final Indexes NONE = new Indexes(new TreeSet<>());

    Indexes {
        all = new TreeSet<>(all);
    }

    /// What is no number, or at or beyond `bound`, is left out.
    static Indexes parse(String text, int bound) {
        var all = new TreeSet<Integer>();
        for (String range : text.split(",", -1)) {
            String[] ends = range.strip().split("-", 2);
            int first = number(ends[0]);
            int last = ends.length == 2 ? number(ends[1]) : first;
            for (int i = first; i >= 0 && i <= last && i < bound; i++) {
                all.add(i);
            }
        }
        return new Indexes(all);
    }

    Indexes with(Collection<Integer> more) {
        var union = new TreeSet<>(all);
        union.addAll(more);
        return new Indexes(union);
    }

    /// How many of these are in `other` too.
    int common(Indexes other) {
        return (int) all.stream().filter(other.all::contains).count();
    }

    boolean has(int index) {
        return all.contains(index);
    }

    int size() {
        return all.size();
    }

    @Override
    public String toString() {
        var text = new StringBuilder();
        Integer first = null;
        Integer last = null;
        for (Integer index : all) {
            if (first == null || last == null || index != last + 1) {
                append(text, first, last);
                first = index;
            }
            last = index;
        }
        append(text, first, last);
        return text.toString();
    }

    private static void append(StringBuilder text, @Nullable Integer first, @Nullable Integer last) {
        if (first == null || last == null) {
            return;
        }
        text.append(text.isEmpty() ? "" : ",").append(first);
        if (last > first) {
            // two neighbours are listed, three and more are a range
            text.append(last == first + 1 ? "," : "-").append(last);
        }
    }

    private static int number(String text) {
        try {
            return Integer.parseInt(text);
        } catch (NumberFormatException e) {
            return -1;
        }
    }
}
