package io.insula.tenantapi.cel.library;

import static dev.cel.common.types.SimpleType.BOOL;
import static dev.cel.common.types.SimpleType.INT;
import static dev.cel.common.types.SimpleType.STRING;
import static io.insula.tenantapi.cel.library.CelObjects.CIDR;
import static io.insula.tenantapi.cel.library.CelObjects.IP;

import io.insula.rules.network.IpAddress;

/// Addresses and networks. Source: kubernetes/apiserver, `pkg/cel/library/ip.go` and `cidr.go`.
final class NetworkLibrary {

    private NetworkLibrary() {}

    static CelFunctions functions() {
        var functions = new CelFunctions();
        addresses(functions);
        networks(functions);
        return functions;
    }

    private static void addresses(CelFunctions functions) {
        functions
                .global("ip", "string_to_ip", IP, a -> Ip.parse((String) a[0]), STRING)
                .member("family", "ip_family", INT, a -> ((Ip) a[0]).family(), IP)
                .global(
                        "ip.isCanonical",
                        "ip_is_canonical",
                        BOOL,
                        a -> Ip.parse((String) a[0]).toString().equals(a[0]),
                        STRING)
                .member(
                        "isUnspecified",
                        "ip_is_unspecified",
                        BOOL,
                        a -> address(a).isUnspecified(),
                        IP)
                .member("isLoopback", "ip_is_loopback", BOOL, a -> address(a).isLoopback(), IP)
                .member(
                        "isLinkLocalMulticast",
                        "ip_is_link_local_multicast",
                        BOOL,
                        a -> address(a).isLinkLocalMulticast(),
                        IP)
                .member(
                        "isLinkLocalUnicast",
                        "ip_is_link_local_unicast",
                        BOOL,
                        a -> address(a).isLinkLocal(),
                        IP)
                .member("isGlobalUnicast", "ip_is_global_unicast", BOOL, a -> ((Ip) a[0]).isGlobalUnicast(), IP)
                .global("isIP", "is_ip", BOOL, a -> fits(() -> Ip.parse((String) a[0])), STRING)
                .global("string", "ip_to_string", STRING, a -> a[0].toString(), IP);
    }

    private static void networks(CelFunctions functions) {
        functions
                .global("cidr", "string_to_cidr", CIDR, a -> Cidr.parse((String) a[0]), STRING)
                .member(
                        "containsIP",
                        "cidr_contains_ip_string",
                        BOOL,
                        a -> cidr(a).contains(Ip.parse((String) a[1])),
                        CIDR,
                        STRING)
                .member("containsIP", "cidr_contains_ip_ip", BOOL, a -> cidr(a).contains((Ip) a[1]), CIDR, IP)
                .member(
                        "containsCIDR",
                        "cidr_contains_cidr_string",
                        BOOL,
                        a -> cidr(a).contains(Cidr.parse((String) a[1])),
                        CIDR,
                        STRING)
                .member("containsCIDR", "cidr_contains_cidr", BOOL, a -> cidr(a).contains((Cidr) a[1]), CIDR, CIDR)
                .member("ip", "cidr_ip", IP, a -> cidr(a).ip(), CIDR)
                .member("prefixLength", "cidr_prefix_length", INT, a -> (long) cidr(a).bits(), CIDR)
                .member("masked", "cidr_masked", CIDR, a -> cidr(a).masked(), CIDR)
                .global("isCIDR", "is_cidr", BOOL, a -> fits(() -> Cidr.parse((String) a[0])), STRING)
                .global("string", "cidr_to_string", STRING, a -> a[0].toString(), CIDR);
    }

    private static boolean fits(Runnable parse) {
        try {
            parse.run();
            return true;
        } catch (FunctionFailure _) {
            return false;
        }
    }

    private static IpAddress address(Object[] arguments) {
        return ((Ip) arguments[0]).address();
    }

    private static Cidr cidr(Object[] arguments) {
        return (Cidr) arguments[0];
    }
}
