package io.insula.tenantapi.tunnel;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// What the kernel knows of the other end of a connection within this machine. Stateless.
///
/// Source: proc_net_tcp(5) of Linux: one line for each socket, with both addresses (here only their ports
/// are read) and its state, in hexadecimal digits.
final class LocalPeers {

    private static final List<Path> TABLES = List.of(Path.of("/proc/net/tcp"), Path.of("/proc/net/tcp6"));
    /// ESTABLISHED, and CLOSE_WAIT, where it is we who say nothing more.
    private static final Set<String> LISTENING = Set.of("01", "08");

    private LocalPeers() {}

    /// Whether the other end is within this machine and has closed its socket, so that nobody will read
    /// what is sent to it. Where that cannot be told it has not.
    static boolean hasHungUp(Socket socket) {
        InetAddress there = socket.getInetAddress();
        if (there == null || !there.isLoopbackAddress()) {
            return false;
        }
        String here = port(socket.getLocalPort()) + " " + port(socket.getPort());
        String peer = port(socket.getPort()) + " " + port(socket.getLocalPort());
        try {
            Map<String, String> states = states(Set.of(here, peer));
            // who does not find this end does not see the other either
            return states.containsKey(here) && !LISTENING.contains(states.getOrDefault(peer, ""));
        } catch (IOException e) {
            return false;
        }
    }

    private static String port(int port) {
        return String.format(Locale.ROOT, "%04X", port);
    }

    /// @param ends pairs of ports, the local one first
    private static Map<String, String> states(Set<String> ends) throws IOException {
        var states = new HashMap<String, String>();
        for (Path table : TABLES) {
            try (BufferedReader lines = Files.newBufferedReader(table, StandardCharsets.US_ASCII)) {
                for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                    String[] words = line.strip().split(" +", 5);
                    String pair = words.length == 5 ? portOf(words[1]) + " " + portOf(words[2]) : "";
                    if (ends.contains(pair)) {
                        states.put(pair, words[3]);
                    }
                }
            } catch (NoSuchFileException e) {
                // a machine without IPv6
            }
        }
        return states;
    }

    private static String portOf(String address) {
        return address.substring(address.indexOf(':') + 1);
    }
}
