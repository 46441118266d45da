package io.insula.tenantapi.tunnel;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.util.List;
import java.util.Map;

/// An answer whose body is read as it comes.
///
/// @param headers by lower-case name
/// @param body ends as the server ends it; one that is cut throws an IOException
/// @param wire closing it cuts whoever reads
public record PlainAnswer(int status, Map<String, List<String>> headers, InputStream body, Socket wire)
        implements AutoCloseable {

    @Override
    public void close() {
        try {
            wire.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
