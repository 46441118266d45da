package io.insula.tenantapi.egress;

import io.insula.rules.network.IpAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// Where a request is really sent: addresses that have been judged, and are dialled as they are. Immutable.
///
/// @param addresses at least one, in the order in which they are tried
/// @param port 1–65535
record Route(List<IpAddress> addresses, int port) {

    /// What resolvers of old read as an address in decimal, octal or hexadecimal digits, each in its own way.
    /// Source: WHATWG URL, "ends in a number".
    private static final Pattern NUMBER = Pattern.compile("([0-9]+|0[xX][0-9a-fA-F]*)");

    Route {
        addresses = List.copyOf(addresses);
    }

    /// @throws EgressException where there is no way, or none that may be taken
    static Route find(
            Destination destination, OutgoingRequest request, EgressPolicy policy, Lookups names, Duration patience)
            throws EgressException, InterruptedException {
        return switch (destination) {
            case Destination.At(var address, var port, var running) ->
                judged(request.host(), List.of(address), port, policy, running);
            case Destination.OfUrl() -> {
                String host = request.host();
                Optional<IpAddress> literal = literal(host);
                List<IpAddress> found = literal.isPresent() ? List.of(literal.get()) : names.find(host, patience);
                yield judged(host, found, request.port(), policy, false);
            }
        };
    }

    /// What the URL's own grammar does not take for a host may be one to a resolver (`127.1`).
    static void requireHost(URI url) throws EgressException {
        if (url.getHost() == null) {
            throw odd(String.valueOf(url.getRawAuthority()));
        }
    }

    private static EgressException odd(String host) {
        return new EgressException(
                "dial tcp: " + host + notReachable("it is neither a name nor an address in its usual form"));
    }

    private static Optional<IpAddress> literal(String host) throws EgressException {
        Optional<IpAddress> address = IpAddress.parse(host);
        if (address.isEmpty()
                && (host.contains(":") || NUMBER.matcher(lastLabel(host)).matches())) {
            throw odd(host);
        }
        return address;
    }

    private static String lastLabel(String host) {
        String name = host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
        return name.substring(name.lastIndexOf('.') + 1);
    }

    /// All of them: where a name leads to several, a client may take any.
    private static Route judged(String host, List<IpAddress> addresses, int port, EgressPolicy policy, boolean running)
            throws EgressException {
        for (IpAddress address : addresses) {
            Optional<String> why = policy.refusal(address, running);
            if (why.isPresent()) {
                String which = host.equals(address.toString()) ? host : host + " (" + address + ")";
                throw new EgressException("dial tcp: " + which + notReachable(why.get()));
            }
        }
        return new Route(addresses, port);
    }

    private static String notReachable(String why) {
        return " is not reachable from a tenant's API server: " + why;
    }
}
