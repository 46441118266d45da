package io.insula.it.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The memory of a server's JVM, from outside.
///
/// @param pid the JVM's process on this machine, of the same user
record ServerMemory(long pid) {

    /// The last line of a histogram: instances and bytes of everything that is reachable.
    private static final Pattern TOTAL = Pattern.compile("(?m)^Total\\s+(\\d+)\\s+(\\d+)\\s*$");

    /// Bytes of living objects. A histogram collects garbage first; twice, as what reference handlers let go in the
    /// first is gone only in the second. Independent of the collector, unlike `GC.heap_info`.
    long heap() throws IOException, InterruptedException {
        jcmd("GC.run");
        Matcher total = TOTAL.matcher(jcmd("GC.class_histogram"));
        if (!total.find()) {
            throw new IOException("jcmd GC.class_histogram of process " + pid + " has no total");
        }
        return Long.parseLong(total.group(2));
    }

    /// Resident bytes. Source: proc(5), `VmRSS`.
    long resident() throws IOException {
        return Files.readString(Path.of("/proc", Long.toString(pid), "status"))
                .lines()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
                .findFirst()
                .orElseThrow(() -> new IOException("process " + pid + " has no VmRSS"));
    }

    private String jcmd(String command) throws IOException, InterruptedException {
        var jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
        Process process = new ProcessBuilder(List.of(jcmd, Long.toString(pid), command))
                .redirectErrorStream(true)
                .start();
        String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(command + " of process " + pid + ": " + text.strip());
        }
        return text;
    }
}
