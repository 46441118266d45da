package io.insula.node.probe;

import io.insula.tenantapi.tunnel.AnyCertificate;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/// One request by HTTP/1.1 to somebody who may be anybody: an answer is read as far as its headers, and at most so
/// much of these; whoever dawdles is left when the time is over. Redirects are followed to the same host only. One use;
/// [#close] ends it from any thread.
///
/// Rejected: the JDK's client, which lets nobody choose `Host` and waits without end for an answer that drips.
public final class HttpCall implements AutoCloseable {

    private static final SSLSocketFactory TLS = AnyCertificate.context().getSocketFactory();
    private static final int LONGEST_HEAD = 64 << 10;
    private static final int MOST_REDIRECTS = 10;

    private final HttpTarget first;
    private final CountDownLatch done = new CountDownLatch(1);
    private volatile Socket socket = new Socket();
    private volatile boolean given;
    private volatile boolean late;

    public HttpCall(HttpTarget target) {
        this.first = target;
    }

    /// @param elsewhere whether it is a redirect to another host, which was not followed
    public record Answer(int status, boolean elsewhere) {}

    /// Where TLS was spoken, and the other side does not.
    public static final class PlainAnswer extends IOException {
        PlainAnswer(HttpTarget target, IOException cause) {
            super("Get \"" + target.url() + "\": http: server gave HTTP response to HTTPS client", cause);
        }
    }

    private record Head(int status, String location) {}

    /// @throws IOException in the words of Go's client, as users know them from the kubelet
    public Answer send(Duration timeout) throws IOException {
        Thread.ofVirtual().name("insula-http-deadline").start(() -> giveUpAfter(timeout));
        HttpTarget target = first;
        try {
            for (int redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
                Head head = exchange(target);
                if (!isRedirect(head.status())) {
                    return new Answer(head.status(), false);
                }
                if (head.location().isEmpty()) {
                    throw new IOException(head.status() + " response missing Location header");
                }
                URI next = URI.create(target.url()).resolve(URI.create(head.location()));
                if (next.getHost() == null
                        || !next.getHost().replaceAll("[\\[\\]]", "").equalsIgnoreCase(target.host())) {
                    return new Answer(head.status(), true);
                }
                target = target.redirected(next);
            }
            throw new IOException("stopped after " + MOST_REDIRECTS + " redirects");
        } catch (PlainAnswer e) {
            throw e;
        } catch (IOException | IllegalArgumentException e) {
            throw new IOException("Get \"" + target.url() + "\": " + said(e), e);
        } finally {
            close();
        }
    }

    private String said(Exception problem) {
        return late
                ? "context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
                : String.valueOf(problem.getMessage());
    }

    private void giveUpAfter(Duration timeout) {
        try {
            if (!done.await(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
                late = true;
                close();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean isRedirect(int status) {
        return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
    }

    private Head exchange(HttpTarget target) throws IOException {
        try (Socket plain = open()) {
            Dialing.connect(plain, target.host(), target.port());
            Socket spoken = target.tls() ? encrypted(plain, target) : plain;
            var request = new StringBuilder("GET " + target.path() + " HTTP/1.1\r\n");
            target.headers().forEach(header -> request.append(header.name() + ": " + header.value() + "\r\n"));
            spoken.getOutputStream().write((request + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
            spoken.getOutputStream().flush();
            return head(new BufferedInputStream(spoken.getInputStream()));
        }
    }

    private Socket open() throws IOException {
        socket = new Socket();
        if (given) {
            socket.close();
        }
        return socket;
    }

    private static Socket encrypted(Socket plain, HttpTarget target) throws IOException {
        try {
            var secured = (SSLSocket) TLS.createSocket(plain, target.host(), target.port(), true);
            secured.startHandshake();
            return secured;
        } catch (SSLException e) {
            if (String.valueOf(e.getMessage()).contains("Unsupported or unrecognized SSL message")) {
                throw new PlainAnswer(target, e);
            }
            throw e;
        }
    }

    /// Answers of 1xx come before the answer.
    private static Head head(InputStream in) throws IOException {
        while (true) {
            String[] lines = block(in).split("\r?\n", -1);
            int status = status(lines[0]);
            if (status >= 200 || status == 101) {
                String location = "";
                for (String line : lines) {
                    if (line.toLowerCase(Locale.ROOT).startsWith("location:")) {
                        location = line.substring("location:".length()).strip();
                    }
                }
                return new Head(status, location);
            }
        }
    }

    private static int status(String line) throws IOException {
        if (line.matches("HTTP/1\\.[01] [1-9][0-9][0-9]( .*)?")) {
            return Integer.parseInt(line.substring(9, 12));
        }
        String shown = line.length() > 80 ? line.substring(0, 80) : line;
        throw new IOException(
                "net/http: HTTP/1.x transport connection broken: malformed HTTP response \"" + shown + "\"");
    }

    private static String block(InputStream in) throws IOException {
        var bytes = new ByteArrayOutputStream();
        int line = 0;
        while (bytes.size() < LONGEST_HEAD) {
            int next = in.read();
            if (next < 0) {
                throw new IOException(bytes.size() == 0 ? "EOF" : "unexpected EOF");
            }
            bytes.write(next);
            if (next == '\n') {
                if (line == 0 && bytes.size() > 2) {
                    return bytes.toString(StandardCharsets.ISO_8859_1);
                }
                line = 0;
            } else if (next != '\r') {
                line++;
            }
        }
        throw new IOException("net/http: server response headers exceeded " + LONGEST_HEAD + " bytes; aborted");
    }

    @Override
    public void close() {
        given = true;
        done.countDown();
        try {
            socket.close();
        } catch (IOException e) {
            // What was said is known, or nobody waits for it.
        }
    }
}
