package io.insula.it.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The memory of the server's JVM, from outside: the heap that is left after a full collection.
///
/// @param pid the JVM's process on this machine, of the same user
record ServerMemory(long pid) {

    /// `used 12345K` of each heap space of the serial collector but metaspace, which stands last.
    private static final Pattern SPACE = Pattern.compile(
            "(?:new generation|tenured generation|Serial|G1|garbage-first heap)" + "[^\\n]*?used (\\d+)K");

    /// Bytes of living objects.
    long heap() throws IOException, InterruptedException {
        jcmd("GC.run");
        jcmd("GC.run");
        Matcher spaces = SPACE.matcher(jcmd("GC.heap_info"));
        long kilobytes = 0;
        boolean any = false;
        while (spaces.find()) {
            kilobytes += Long.parseLong(spaces.group(1));
            any = true;
        }
        if (!any) {
            throw new IOException("jcmd GC.heap_info of process " + pid + " names no heap space");
        }
        return kilobytes * 1024;
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
