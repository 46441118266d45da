package io.insula.it;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/// An attacker's client: trusts every server, shows any certificate, says any server name, and sends any bytes as a
/// request line, which proper clients would clean up.
final class RawTls {

    private static final int TIMEOUT_MILLIS = 20_000;

    private final SSLContext context;

    private RawTls(SSLContext context) {
        this.context = context;
    }

    /// Without a certificate.
    static RawTls anonymous() {
        return with(new KeyManager[0]);
    }

    static RawTls with(PrivateKey key, X509Certificate... chain) {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry("own", key, new char[0], chain);
            var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            factory.init(store, new char[0]);
            return with(factory.getKeyManagers());
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /// The whole answer to one request, or why there was none: `refused: …`.
    ///
    /// @param requestLine as it goes out: `GET /path HTTP/1.1`
    /// @param headers more of them, each `Name: value`
    String send(int port, String serverName, String requestLine, String body, String... headers) {
        try (var plain = new Socket()) {
            plain.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), TIMEOUT_MILLIS);
            plain.setSoTimeout(TIMEOUT_MILLIS);
            try (var socket = (SSLSocket) context.getSocketFactory().createSocket(plain, "127.0.0.1", port, true)) {
                var parameters = socket.getSSLParameters();
                if (!serverName.isEmpty()) {
                    parameters.setServerNames(List.of(new SNIHostName(serverName)));
                }
                parameters.setApplicationProtocols(new String[] {"http/1.1"});
                socket.setSSLParameters(parameters);
                socket.startHandshake();
                socket.getOutputStream().write(request(serverName, requestLine, body, headers));
                socket.getOutputStream().flush();
                return answer(socket);
            }
        } catch (IOException e) {
            return "refused: " + e;
        }
    }

    private static byte[] request(String serverName, String requestLine, String body, String... headers) {
        var text = new StringBuilder(requestLine)
                .append("\r\nHost: ")
                .append(serverName.isEmpty() ? "localhost" : serverName)
                .append("\r\nConnection: close\r\nContent-Length: ")
                .append(body.length());
        for (String header : headers) {
            text.append("\r\n").append(header);
        }
        return text.append("\r\n\r\n").append(body).toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String answer(SSLSocket socket) throws IOException {
        var all = new ByteArrayOutputStream();
        try {
            socket.getInputStream().transferTo(all);
        } catch (IOException e) {
            // Closed by the other side without goodbye: what has come counts.
            if (all.size() == 0) {
                throw e;
            }
        }
        return all.size() == 0 ? "refused: closed without an answer" : all.toString(StandardCharsets.UTF_8);
    }

    private static RawTls with(KeyManager[] keys) {
        try {
            var context = SSLContext.getInstance("TLS");
            context.init(keys, new TrustManager[] {new TrustsAll()}, null);
            return new RawTls(context);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static final class TrustsAll extends X509ExtendedTrustManager {
        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, @Nullable Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, @Nullable Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, @Nullable SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, @Nullable SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
