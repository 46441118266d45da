package io.insula.controlplane.audit;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;

/// The other side of the shipper, which acknowledges when told to. Thread-safe: guarded by itself.
final class RecordingOutlet implements AuditOutlet.Opener {

    private final List<Sent> sent = new ArrayList<>();
    private boolean acknowledging = true;
    private boolean away;
    private int opened;

    /// @param acknowledged completed by the test, where that does not happen by itself
    record Sent(String key, String text, CompletableFuture<Object> acknowledged) {}

    /// Whether what is sent from now on is acknowledged at once.
    synchronized void acknowledging(boolean does) {
        acknowledging = does;
    }

    /// Whether nobody answers from now on.
    synchronized void away(boolean is) {
        away = is;
    }

    synchronized List<Sent> sent() {
        return List.copyOf(sent);
    }

    synchronized List<String> texts(String key) {
        return sent.stream().filter(s -> s.key().equals(key)).map(Sent::text).toList();
    }

    synchronized int opened() {
        return opened;
    }

    @Override
    public synchronized AuditOutlet open() throws ExecutionException {
        if (away) {
            throw new ExecutionException(new IOException("nobody answers"));
        }
        opened++;
        return new AuditOutlet() {
            @Override
            public Future<?> send(String key, byte[] event) {
                synchronized (RecordingOutlet.this) {
                    var acknowledged = new CompletableFuture<Object>();
                    if (acknowledging) {
                        acknowledged.complete("there");
                    }
                    sent.add(new Sent(key, AuditSpoolTest.text(event), acknowledged));
                    return acknowledged;
                }
            }

            @Override
            public void close() {}
        };
    }
}
