package io.insula.node.machine;

import io.insula.rules.network.AddressBlock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InterfaceAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What this machine is and has, as it says itself. Stateless.
public final class Machine {

    private static final Path MEMORY = Path.of("/proc/meminfo");
    private static final Path ROUTES = Path.of("/proc/net/route");
    private static final Path APPARMOR = Path.of("/sys/module/apparmor/parameters/enabled");
    private static final Path SELF = Path.of("/proc/self/status");
    private static final Pattern TOTAL = Pattern.compile("(?m)^MemTotal:\\s*(\\d+) kB$");
    private static final Pattern CAPABILITIES = Pattern.compile("(?m)^CapEff:\\s*([0-9a-f]+)$");
    private static final Pattern USER = Pattern.compile("(?m)^Uid:\\s*\\d+\\s+(\\d+)\\b");
    private static final Pattern NAME = Pattern.compile("[^a-z0-9.-]+");
    private static final int LONGEST_NAME = 63;
    /// `CAP_NET_ADMIN` and `CAP_SYS_ADMIN`. Source: capabilities(7).
    private static final int NET_ADMIN = 12;
    private static final int SYS_ADMIN = 21;

    private Machine() {}

    /// Processors that this process may use.
    public static int processors() {
        return Runtime.getRuntime().availableProcessors();
    }

    public static long memoryBytes() throws IOException {
        Matcher total = TOTAL.matcher(Files.readString(MEMORY));
        if (!total.find()) {
            throw new IOException(MEMORY + " does not say how much memory there is");
        }
        return Long.parseLong(total.group(1)) * 1024;
    }

    /// Of the file system that a folder is on.
    public static long diskBytes(Path folder) throws IOException {
        return Files.getFileStore(folder).getTotalSpace();
    }

    /// What the machine calls itself, as a node can be called: a DNS subdomain of at most 63 characters.
    public static String name() {
        String own;
        try {
            own = Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
        } catch (IOException e) {
            own = "";
        }
        String name = NAME.matcher(own.toLowerCase(Locale.ROOT)).replaceAll("-");
        name = name.substring(0, Math.min(name.length(), LONGEST_NAME)).replaceAll("^[.-]+|[.-]+$", "");
        return name.isEmpty() ? "node" : name.replaceAll("[.-]*\\.[.-]*", ".");
    }

    /// IPv4 addresses that this machine's routes lead to, but the default route and those of one device.
    ///
    /// @param besides the device; empty for none
    public static List<AddressBlock> routes(String besides) throws IOException {
        var blocks = new ArrayList<AddressBlock>();
        List<String> lines = Files.readAllLines(ROUTES);
        for (String line : lines.subList(Math.min(1, lines.size()), lines.size())) {
            // Iface Destination Gateway Flags RefCnt Use Metric Mask …
            String[] field = line.strip().split("\\s+", -1);
            int prefix = Integer.bitCount(Integer.parseUnsignedInt(field[7], 16));
            if (prefix > 0 && !field[0].equals(besides)) {
                blocks.add(AddressBlock.of(address(Integer.parseUnsignedInt(field[1], 16)) + "/" + prefix));
            }
        }
        return blocks;
    }

    /// Its IPv4 addresses at this moment, without those of loopback and of one device.
    ///
    /// @param besides the device
    public static List<String> addresses(String besides) {
        try {
            return NetworkInterface.networkInterfaces()
                    .filter(device -> !device.getName().equals(besides))
                    .flatMap(device -> device.getInterfaceAddresses().stream())
                    .map(InterfaceAddress::getAddress)
                    .filter(address -> address instanceof Inet4Address && !address.isLoopbackAddress())
                    .map(InetAddress::getHostAddress)
                    .distinct()
                    .sorted()
                    .toList();
        } catch (SocketException e) {
            throw new UncheckedIOException("cannot tell this machine's addresses", e);
        }
    }

    /// The kernel shows it in the machine's order of bytes, which here is little-endian.
    private static String address(int shown) {
        int number = java.nio.ByteOrder.nativeOrder() == java.nio.ByteOrder.LITTLE_ENDIAN
                ? Integer.reverseBytes(shown)
                : shown;
        byte[] bytes = {(byte) (number >>> 24), (byte) (number >>> 16), (byte) (number >>> 8), (byte) number};
        try {
            return InetAddress.getByAddress(bytes).getHostAddress();
        } catch (UnknownHostException e) {
            throw new IllegalStateException("four bytes are an address", e);
        }
    }

    /// Whether the kernel confines programs by AppArmor.
    public static boolean hasAppArmor() {
        try {
            return Files.readString(APPARMOR).startsWith("Y");
        } catch (IOException e) {
            return false;
        }
    }

    /// Whether this process may make networks and mounts, as containers need: root, and not one of a container
    /// without these rights.
    public static boolean mayRunContainers() {
        try {
            String self = Files.readString(SELF);
            Matcher user = USER.matcher(self);
            Matcher held = CAPABILITIES.matcher(self);
            if (!user.find() || !user.group(1).equals("0") || !held.find()) {
                return false;
            }
            long capabilities = Long.parseUnsignedLong(held.group(1), 16);
            return (capabilities >> NET_ADMIN & 1) == 1 && (capabilities >> SYS_ADMIN & 1) == 1;
        } catch (IOException e) {
            return false;
        }
    }
}
