package io.insula.controlplane.backup;

import java.io.FilterInputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.Provider;
import java.util.Iterator;
import javax.crypto.spec.SecretKeySpec;
import org.bouncycastle.asn1.cms.KEKIdentifier;
import org.bouncycastle.cms.CMSAlgorithm;
import org.bouncycastle.cms.CMSAuthEnvelopedDataParser;
import org.bouncycastle.cms.CMSAuthEnvelopedDataStreamGenerator;
import org.bouncycastle.cms.CMSException;
import org.bouncycastle.cms.RecipientInformation;
import org.bouncycastle.cms.jcajce.JceCMSContentEncryptorBuilder;
import org.bouncycastle.cms.jcajce.JceKEKAuthEnvelopedRecipient;
import org.bouncycastle.cms.jcajce.JceKEKRecipientInfoGenerator;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.operator.OutputAEADEncryptor;

/// Seals a stream and opens it again: CMS AuthEnvelopedData with AES-256-GCM, its content key wrapped by the backup's
/// key, so that also others' tools open it (`openssl cms -decrypt -secretkey … -secretkeyid …`). Streams of any
/// size, in little memory. Sources: RFC 5083, RFC 5084, RFC 3565.
final class Sealing {

    /// The JDK's own AES-GCM keeps a whole text in memory until its end has proved it.
    private static final Provider PROVIDER = new BouncyCastleProvider();

    private Sealing() {}

    /// What is written to the answer arrives at `into` sealed. Closing it completes the seal and leaves `into` open.
    static OutputStream seal(OutputStream into, BackupKeys.Key key) throws IOException {
        var generator = new CMSAuthEnvelopedDataStreamGenerator();
        var name = new KEKIdentifier(key.id().getBytes(StandardCharsets.US_ASCII), null, null);
        generator.addRecipientInfoGenerator(
                new JceKEKRecipientInfoGenerator(name, new SecretKeySpec(key.secret(), "AES")).setProvider(PROVIDER));
        try {
            var content = (OutputAEADEncryptor) new JceCMSContentEncryptorBuilder(CMSAlgorithm.AES256_GCM)
                    .setProvider(PROVIDER)
                    .build();
            return new Sealed(generator.open(into, content));
        } catch (CMSException e) {
            throw new IOException("cannot seal: " + e.getMessage(), e);
        }
    }

    /// The text of what was sealed. **Nothing of it may be used before all has been read**: only its end proves that it
    /// is what was sealed. What is not, ends in an IOException, at the latest there.
    static InputStream open(InputStream sealed, BackupKeys.Key key) throws IOException {
        try {
            var parser = new CMSAuthEnvelopedDataParser(sealed);
            Iterator<RecipientInformation> recipients =
                    parser.getRecipientInfos().iterator();
            if (!recipients.hasNext()) {
                throw new IOException("it is sealed for nobody");
            }
            InputStream text = recipients
                    .next()
                    .getContentStream(new JceKEKAuthEnvelopedRecipient(new SecretKeySpec(key.secret(), "AES"))
                            .setProvider(PROVIDER))
                    .getContentStream();
            return new Proved(text);
        } catch (CMSException | RuntimeException e) {
            throw new IOException("it cannot be opened: " + e.getMessage(), e);
        }
    }

    /// A seal is completed once, however often somebody closes it.
    private static final class Sealed extends FilterOutputStream {

        Sealed(OutputStream out) {
            super(out);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            out.write(bytes, offset, length);
        }
    }

    /// Whatever the parser stumbles over in a damaged text is an IOException.
    private static final class Proved extends FilterInputStream {

        Proved(InputStream text) {
            super(text);
        }

        @Override
        public int read() throws IOException {
            try {
                return super.read();
            } catch (RuntimeException e) {
                throw new IOException("it is damaged: " + e.getMessage(), e);
            }
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            try {
                return super.read(into, offset, length);
            } catch (RuntimeException e) {
                throw new IOException("it is damaged: " + e.getMessage(), e);
            }
        }
    }
}
