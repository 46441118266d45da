package io.insula.controlplane.pki;

import io.insula.controlplane.home.AtomicFiles;
import io.insula.controlplane.home.HomeException;
import io.insula.controlplane.keys.KeySafe;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.List;
import java.util.function.Supplier;

/// Certificates and keys as `NAME.crt` and `NAME.key` in one folder, mode 0600. The certificate is written
/// last: a key without certificate was never used by anybody and is made anew, so a crash at any point is harmless.
/// Keys lie there as the [KeySafe] has them.
///
/// Not thread-safe: one owner at a time per folder.
public final class PemStore {

    private final Path folder;
    private final Clock clock;
    private final KeySafe safe;

    public PemStore(Path folder, Clock clock, KeySafe safe) {
        this.folder = folder;
        this.clock = clock;
        this.safe = safe;
    }

    public Path certificateFile(String name) {
        return folder.resolve(name + ".crt");
    }

    public Path keyFile(String name) {
        return folder.resolve(name + ".key");
    }

    /// A file that has the key as it is, for programs that take no other: in memory where the keys on disk are
    /// encrypted, until [#hideKeys].
    Path shownKeyFile(String name, KeyAndCertificate pair) {
        return safe.memory()
                .map(memory -> memory.write(keyFile(name), pair.keyPem()))
                .orElseGet(() -> keyFile(name));
    }

    /// Nothing runs any more that reads them.
    void hideKeys() {
        safe.memory().ifPresent(memory -> memory.remove(folder));
    }

    /// The authority kept as `name`, made when there never was one.
    ///
    /// @throws HomeException when there was one and its files are gone: another one would be trusted by nobody
    public CertificateAuthority authority(String name, String commonName) {
        requireNotLost(name, certificateFile(name), keyFile(name));
        var own =
                pair(name, () -> CertificateAuthority.create(commonName, clock).own());
        rememberMade(name);
        return new CertificateAuthority(own, clock);
    }

    /// The certificate kept as `name`, issued when there is none, or when the kept one lacks one of the spec's
    /// names.
    public KeyAndCertificate issued(String name, CertificateAuthority issuer, CertificateSpec spec) {
        KeyAndCertificate kept = pair(name, () -> issuer.issue(spec));
        requireIssuedBy(issuer, name, kept);
        if (Names.of(kept.certificate()).containsAll(spec.names())) {
            return kept;
        }
        KeyAndCertificate renewed = issuer.issue(spec);
        // The old certificate goes first: between the two writes the pair must not look whole.
        delete(certificateFile(name));
        write(name, renewed);
        return renewed;
    }

    /// The EC signing key kept as `name.key` with its public half as `name.pub`, made when there never was one.
    ///
    /// @throws HomeException when there was one and its files are gone: what it signed would be worth nothing
    public KeyPair signingKey(String name) {
        Path publicFile = publicFile(name);
        requireNotLost(name, publicFile, keyFile(name));
        if (!Files.exists(publicFile)) {
            KeyPair made = CertificateAuthority.newKeyPair();
            writeKey(name, Pem.encode("PRIVATE KEY", made.getPrivate().getEncoded()));
            AtomicFiles.write(
                    publicFile, Pem.encode("PUBLIC KEY", made.getPublic().getEncoded()));
            rememberMade(name);
            return made;
        }
        rememberMade(name);
        try {
            var kept = new KeyPair(Pem.ecPublicKey(read(publicFile)), Pem.ecKey(readKey(name)));
            requirePair(kept.getPrivate(), kept.getPublic());
            return kept;
        } catch (GeneralSecurityException e) {
            throw damaged(keyFile(name), e);
        }
    }

    /// How the keys stand whose first one is `name`.
    Path ringFile(String name) {
        return folder.resolve(name + ".ring");
    }

    /// From now on an authority or a signing key of this name is never made anew.
    void expect(String name) {
        rememberMade(name);
    }

    /// Removes a key for good, with what tells of it.
    void forget(String name) {
        delete(keyFile(name));
        delete(certificateFile(name));
        delete(publicFile(name));
        AtomicFiles.syncFolder(folder);
    }

    private Path publicFile(String name) {
        return folder.resolve(name + ".pub");
    }

    private KeyAndCertificate pair(String name, Supplier<KeyAndCertificate> maker) {
        if (!Files.exists(certificateFile(name))) {
            KeyAndCertificate made = maker.get();
            write(name, made);
            return made;
        }
        try {
            X509Certificate certificate = Pem.certificate(read(certificateFile(name)));
            PrivateKey key = Pem.ecKey(readKey(name));
            requirePair(key, certificate.getPublicKey());
            return new KeyAndCertificate(key, certificate);
        } catch (GeneralSecurityException e) {
            throw damaged(certificateFile(name), e);
        }
    }

    /// Holds the names of authorities and signing keys once made, one a line.
    private Path madeFile() {
        return folder.resolve("made");
    }

    private List<String> made() {
        return Files.exists(madeFile()) ? read(madeFile()).lines().toList() : List.of();
    }

    private void rememberMade(String name) {
        List<String> all = made();
        if (!all.contains(name)) {
            AtomicFiles.write(madeFile(), String.join("\n", all) + (all.isEmpty() ? "" : "\n") + name + "\n");
        }
    }

    private void requireNotLost(String name, Path... files) {
        for (Path file : files) {
            if (!Files.exists(file) && made().contains(name)) {
                throw damaged(file, new NoSuchFileException("it is gone"));
            }
        }
    }

    private void requireIssuedBy(CertificateAuthority issuer, String name, KeyAndCertificate kept) {
        try {
            kept.certificate().verify(issuer.own().certificate().getPublicKey());
        } catch (GeneralSecurityException e) {
            throw damaged(
                    certificateFile(name),
                    new GeneralSecurityException("it was not signed by the authority beside it", e));
        }
    }

    private void write(String name, KeyAndCertificate pair) {
        writeKey(name, pair.keyPem());
        AtomicFiles.write(certificateFile(name), pair.certificatePem());
    }

    private void writeKey(String name, String pem) {
        AtomicFiles.write(keyFile(name), safe.seal(keyFile(name), pem));
    }

    private String readKey(String name) {
        return safe.open(keyFile(name), read(keyFile(name)));
    }

    private static void requirePair(PrivateKey key, PublicKey publicKey) throws GeneralSecurityException {
        byte[] probe = "insula".getBytes(StandardCharsets.US_ASCII);
        var signer = Signature.getInstance("SHA256withECDSA");
        signer.initSign(key);
        signer.update(probe);
        byte[] signature = signer.sign();
        signer.initVerify(publicKey);
        signer.update(probe);
        if (!signer.verify(signature)) {
            throw new GeneralSecurityException("key and certificate do not belong together");
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw damaged(file, e);
        }
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw damaged(file, e);
        }
    }

    private static HomeException damaged(Path file, Exception e) {
        return new HomeException(
                "the home folder is damaged: " + file + ": " + e.getMessage()
                        + "; restore the file from a backup, or use another folder with --home; nothing was changed",
                e);
    }
}
