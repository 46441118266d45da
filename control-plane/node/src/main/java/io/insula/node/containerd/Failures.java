package io.insula.node.containerd;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.insula.node.runtime.RuntimeFailure;
import java.util.Locale;
import java.util.function.Supplier;

/// Translates what gRPC throws into what the port throws. The only class that does. Stateless.
final class Failures {

    private Failures() {}

    static <T> T translated(Supplier<T> call) {
        try {
            return call.get();
        } catch (StatusRuntimeException e) {
            throw failure(e);
        }
    }

    /// The same for a call whose object need not be there any more.
    static void ifThere(Supplier<?> call) {
        try {
            translated(call);
        } catch (RuntimeFailure.NotFound e) {
            // What shall be gone is gone.
        }
    }

    static RuntimeFailure failure(StatusRuntimeException e) {
        Status status = e.getStatus();
        String message = message(status);
        return switch (status.getCode()) {
            case NOT_FOUND -> new RuntimeFailure.NotFound(message, e);
            case UNAVAILABLE, CANCELLED -> new RuntimeFailure.Unavailable(message, e);
            case DEADLINE_EXCEEDED -> new RuntimeFailure.TimedOut(message, e);
            default -> new RuntimeFailure.Refused(message, e);
        };
    }

    /// As Go's gRPC writes it, so as the kubelet's Events have it.
    private static String message(Status status) {
        return "rpc error: code = " + goName(status.getCode()) + " desc = "
                + (status.getDescription() == null ? "" : status.getDescription());
    }

    /// `DEADLINE_EXCEEDED` is `DeadlineExceeded` there, and `CANCELLED` has one l.
    private static String goName(Status.Code code) {
        if (code == Status.Code.OK || code == Status.Code.CANCELLED) {
            return code == Status.Code.OK ? "OK" : "Canceled";
        }
        var name = new StringBuilder();
        for (String word : code.name().split("_", -1)) {
            name.append(word.charAt(0)).append(word.substring(1).toLowerCase(Locale.ROOT));
        }
        return name.toString();
    }
}
