package io.insula.tenantapi.http;

import io.netty.handler.codec.http2.Http2SecurityUtil;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.SupportedCipherSuiteFilter;
import java.util.ArrayList;
import javax.net.ssl.SSLException;

/// What new connections use, swapped as a whole: TLS 1.2 and 1.3 by the JDK, h2 and HTTP/1.1, client certificates
/// asked for but not required. Immutable.
record TlsState(SslContext context, ClientCertificates clients, ClientCertificates proxies) {

    /// @throws IllegalArgumentException where key and certificate are of no use
    static TlsState of(ServerTls tls) {
        var clients = new ClientCertificates(tls.clientAuthorities());
        var proxies = new ClientCertificates(tls.proxyAuthorities());
        var named = new ArrayList<>(tls.clientAuthorities());
        named.addAll(tls.proxyAuthorities());
        try {
            SslContext context = SslContextBuilder.forServer(tls.key(), tls.chain())
                    .sslProvider(SslProvider.JDK)
                    .protocols("TLSv1.3", "TLSv1.2")
                    .ciphers(Http2SecurityUtil.CIPHERS, SupportedCipherSuiteFilter.INSTANCE)
                    .clientAuth(ClientAuth.OPTIONAL)
                    .trustManager(new ClientCertificates(named).handshakeTrust())
                    .applicationProtocolConfig(new ApplicationProtocolConfig(
                            Protocol.ALPN,
                            SelectorFailureBehavior.NO_ADVERTISE,
                            SelectedListenerFailureBehavior.ACCEPT,
                            ApplicationProtocolNames.HTTP_2,
                            ApplicationProtocolNames.HTTP_1_1))
                    .build();
            return new TlsState(context, clients, proxies);
        } catch (SSLException e) {
            throw new IllegalArgumentException("TLS material does not fit together: " + e.getMessage(), e);
        }
    }
}
