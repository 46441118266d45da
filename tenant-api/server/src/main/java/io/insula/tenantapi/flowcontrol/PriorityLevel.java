package io.insula.tenantapi.flowcontrol;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.insula.tenantapi.api.Meta;
import java.util.OptionalInt;

/// One PriorityLevelConfiguration object. Immutable.
///
/// @param exempt whether its requests never wait
/// @param shares of the server's seats, against those of the other levels
/// @param lendablePercent of its seats, to others while they are free
/// @param borrowingPercent of its seats, from others; empty for as many as there are
/// @param shape of its queues
record PriorityLevel(
        String name,
        String uid,
        boolean exempt,
        int shares,
        int lendablePercent,
        OptionalInt borrowingPercent,
        QueueSet.Shape shape) {

    private static final int DEFAULT_SHARES = 30;

    static PriorityLevel of(ObjectNode object) {
        JsonNode spec = object.path("spec");
        boolean exempt = spec.path("type").asText().equals("Exempt");
        JsonNode kind = spec.path(exempt ? "exempt" : "limited");
        JsonNode response = kind.path("limitResponse");
        boolean queues = !exempt && response.path("type").asText().equals("Queue");
        return new PriorityLevel(
                Meta.name(object),
                Meta.uid(object),
                exempt,
                kind.path("nominalConcurrencyShares").asInt(exempt ? 0 : DEFAULT_SHARES),
                kind.path("lendablePercent").asInt(),
                kind.has("borrowingLimitPercent")
                        ? OptionalInt.of(kind.path("borrowingLimitPercent").asInt())
                        : OptionalInt.empty(),
                queues ? shape(response.path("queuing")) : QueueSet.Shape.NO_QUEUES);
    }

    private static QueueSet.Shape shape(JsonNode queuing) {
        return new QueueSet.Shape(
                queuing.path("queues").asInt(64),
                queuing.path("handSize").asInt(8),
                queuing.path("queueLengthLimit").asInt(50));
    }

    /// What it may use of `serverSeats`, where all levels together have `allShares`.
    Seats seats(int serverSeats, int allShares) {
        int nominal = allShares == 0 ? 0 : Math.ceilDiv(serverSeats * shares, allShares);
        int lendable = (int) Math.round(nominal * lendablePercent / 100.0);
        int borrowable = borrowingPercent.isPresent()
                ? (int) Math.round(nominal * borrowingPercent.getAsInt() / 100.0)
                : serverSeats;
        return new Seats(nominal, nominal - lendable, nominal + borrowable);
    }

    /// Limits of concurrency, in seats.
    ///
    /// @param nominal with nothing lent or borrowed
    /// @param least with all that may be lent lent
    /// @param most with all that may be borrowed borrowed
    record Seats(int nominal, int least, int most) {}
}
