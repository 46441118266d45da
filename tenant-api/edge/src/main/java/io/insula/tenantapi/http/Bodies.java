package io.insula.tenantapi.http;

import io.insula.tenantapi.http.HttpResponder.BodyStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Arrays;

/// Streamed bodies of answers, wherever they come from. Stateless.
public final class Bodies {

    private static final int PIECE_BYTES = 32 * 1024;

    private Bodies() {}

    /// Gives the client a body as it comes, as fast as the client takes it; cut short where either side is.
    ///
    /// @param patience how long the client may take nothing
    public static void copy(InputStream from, BodyStream to, Duration patience) {
        byte[] piece = new byte[PIECE_BYTES];
        try {
            for (int count = from.read(piece); count >= 0; count = from.read(piece)) {
                if (!to.write(Arrays.copyOf(piece, count)) || !to.awaitRoom(patience)) {
                    to.abort();
                    return;
                }
            }
            to.close();
        } catch (IOException e) {
            // cut on either side: nobody takes a part for the whole
            to.abort();
        } catch (InterruptedException e) {
            to.abort();
            Thread.currentThread().interrupt();
        }
    }
}
