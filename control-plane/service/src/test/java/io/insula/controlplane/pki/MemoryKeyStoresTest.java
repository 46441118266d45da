package io.insula.controlplane.pki;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Clock;
import java.util.List;
import java.util.stream.Stream;
import org.bouncycastle.asn1.pkcs.PBES2Parameters;
import org.bouncycastle.asn1.pkcs.PBKDF2Params;
import org.bouncycastle.pkcs.PKCS12PfxPdu;
import org.bouncycastle.pkcs.PKCS12SafeBag;
import org.bouncycastle.pkcs.PKCS12SafeBagFactory;
import org.bouncycastle.pkcs.PKCS8EncryptedPrivateKeyInfo;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MemoryKeyStoresTest {

    private static final char[] PASSWORD = "secret".toCharArray();

    @TempDir
    private Path folder;

    /// What the JDK does with the property is its own affair, so its result is looked at.
    @Test
    void deriveTheirKeyInOneRound() throws Exception {
        MemoryKeyStores.begin();
        KeyAndCertificate server =
                ClusterPki.open(folder, "acme", List.of(), Clock.systemUTC()).server();
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("key", server.key(), PASSWORD, new Certificate[] {server.certificate()});
        assertThat(store.getKey("key", PASSWORD)).isEqualTo(server.key());
        var written = new ByteArrayOutputStream();
        store.store(written, PASSWORD);

        assertThat(rounds(written.toByteArray())).containsExactly(BigInteger.ONE);
    }

    private static List<BigInteger> rounds(byte[] pkcs12) throws Exception {
        return Stream.of(new PKCS12PfxPdu(pkcs12).getContentInfos())
                .filter(part -> part.getContentType().equals(org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers.data))
                .flatMap(part -> Stream.of(new PKCS12SafeBagFactory(part).getSafeBags()))
                .map(PKCS12SafeBag::getBagValue)
                .map(PKCS8EncryptedPrivateKeyInfo.class::cast)
                .map(key -> PBES2Parameters.getInstance(
                        key.toASN1Structure().getEncryptionAlgorithm().getParameters()))
                .map(scheme -> PBKDF2Params.getInstance(
                                scheme.getKeyDerivationFunc().getParameters())
                        .getIterationCount())
                .toList();
    }
}
