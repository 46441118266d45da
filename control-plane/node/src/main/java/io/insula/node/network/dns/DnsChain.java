package io.insula.node.network.dns;

import io.insula.node.network.dns.DnsAnswer.Elsewhere;
import io.insula.node.network.dns.DnsAnswer.NotOurs;
import io.insula.node.network.dns.DnsAnswer.Own;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// What another name leads to: most resolvers in pods want the addresses in the same answer. Stateless.
final class DnsChain {

    private static final int AAAA = 28;

    private DnsChain() {}

    /// @param deepest how many further names are followed
    /// @return the alias first
    static List<DnsRecord> follow(Elsewhere elsewhere, int type, ClusterNames names, Upstream upstream, int deepest) {
        var records = new ArrayList<DnsRecord>();
        records.add(elsewhere.alias());
        boolean isAddress = type == DnsRecord.A || type == AAAA;
        if (!isAddress || deepest == 0) {
            return records;
        }
        switch (names.answer(elsewhere.target(), type)) {
            case Own(var own, var _) -> records.addAll(own);
            case Elsewhere next -> records.addAll(follow(next, type, names, upstream, deepest - 1));
            case NotOurs _ ->
                upstream.ask(DnsWriter.question(elsewhere.target(), type), false)
                        .ifPresent(answer -> records.addAll(addresses(answer, elsewhere.target(), type)));
            default -> {
                // nothing there
            }
        }
        return records;
    }

    /// The addresses in an answer, told of the name that was asked for, whatever names lie between.
    private static List<DnsRecord> addresses(byte[] answer, String name, int type) {
        var found = new ArrayList<DnsRecord>();
        try {
            var message = ByteBuffer.wrap(answer);
            int questions = message.getShort(4);
            int answers = message.getShort(6) & 0xffff;
            message.position(12);
            for (int i = 0; i < questions; i++) {
                skipName(message);
                message.getInt();
            }
            for (int i = 0; i < answers; i++) {
                skipName(message);
                int own = message.getShort() & 0xffff;
                message.getShort();
                message.getInt();
                var data = new byte[message.getShort() & 0xffff];
                message.get(data);
                if (own == type) {
                    found.add(new DnsRecord(name, type, data));
                }
            }
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            // what could be read is told
        }
        return found;
    }

    private static void skipName(ByteBuffer message) {
        while (true) {
            int size = message.get() & 0xff;
            if (size == 0) {
                return;
            }
            if ((size & 0xc0) == 0xc0) {
                message.get();
                return;
            }
            message.position(message.position() + size);
        }
    }
}
