package io.insula.controlplane.cli;

import java.util.ArrayList;
import java.util.List;

/// Columns as wide as their widest cell, three spaces apart, as kubectl prints them.
final class TextTable {

    private TextTable() {}

    static void print(List<String> header, List<List<String>> rows) {
        System.out.print(render(header, rows));
    }

    static String render(List<String> header, List<List<String>> rows) {
        var all = new ArrayList<List<String>>();
        all.add(header);
        all.addAll(rows);
        var widths = new int[header.size()];
        for (List<String> row : all) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row.get(i).length());
            }
        }
        var text = new StringBuilder();
        for (List<String> row : all) {
            var line = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                line.append(row.get(i)).repeat(' ', widths[i] - row.get(i).length() + 3);
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }
}
