package io.insula.node.image;

import io.insula.rules.digest.Sha256;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/// Makes an image of one layer out of a folder: an OCI image layout that is a `docker save` archive as well, so that
/// containerd and Docker load it. The same folder gives the same bytes, hence the same digest, on every machine:
/// everything in it belongs to root and has no time. Stateless.
///
/// Source: OCI Image Format Specification, "Image Layout", "Image Configuration", "Image Layer Filesystem Changeset".
public final class ImageBuilder {

    private static final String INDEX_TYPE = "application/vnd.oci.image.index.v1+json";
    private static final String MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";
    private static final String CONFIG_TYPE = "application/vnd.oci.image.config.v1+json";
    private static final String LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar";
    private static final String BLOBS = "blobs/sha256";

    private ImageBuilder() {}

    /// Writes the archive of an image whose root is `folder`.
    ///
    /// @param folder what it holds other than files, folders and links (devices, sockets) is refused by name
    /// @param archive written anew; nothing is left of it when this fails
    /// @return the image's digest, `sha256:…`
    /// @throws IOException also where the folder changes meanwhile
    public static String build(Path folder, ImageSpec spec, Path archive) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new IOException(folder + " is no folder");
        }
        Path layer = Files.createTempFile(archive.toAbsolutePath().getParent(), "layer", ".tar");
        boolean done = false;
        try {
            String layerDigest = writeLayer(folder, layer);
            String manifestDigest = writeArchive(spec, layer, layerDigest, archive);
            done = true;
            return "sha256:" + manifestDigest;
        } finally {
            Files.deleteIfExists(layer);
            if (!done) {
                Files.deleteIfExists(archive);
            }
        }
    }

    private static String writeLayer(Path folder, Path layer) throws IOException {
        MessageDigest digest = Sha256.start();
        try (var out = new DigestOutputStream(new BufferedOutputStream(Files.newOutputStream(layer)), digest)) {
            var tar = new TarWriter(out);
            try (Stream<Path> all = Files.walk(folder)) {
                for (Path path : all.filter(p -> !p.equals(folder)).sorted().toList()) {
                    add(tar, folder.relativize(path).toString(), path);
                }
            }
            tar.finish();
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static void add(TarWriter tar, String name, Path path) throws IOException {
        if (Files.isSymbolicLink(path)) {
            tar.link(name, Files.readSymbolicLink(path).toString());
            return;
        }
        int mode = (int) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS) & 07777;
        if (Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)) {
            tar.folder(name, mode);
        } else if (Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
            try (InputStream in = Files.newInputStream(path)) {
                tar.file(name, mode, Files.size(path), in);
            }
        } else {
            throw new IOException(path + " is neither a file nor a folder nor a link: an image cannot hold it");
        }
    }

    private static String writeArchive(ImageSpec spec, Path layer, String layerDigest, Path archive)
            throws IOException {
        byte[] config = utf8(Json.of(config(spec, layerDigest)));
        String configDigest = Sha256.hex(config);
        byte[] manifest = utf8(Json.of(manifest(configDigest, config.length, layerDigest, Files.size(layer))));
        String manifestDigest = Sha256.hex(manifest);
        var blobs = new HashMap<String, byte[]>();
        blobs.put(configDigest, config);
        blobs.put(manifestDigest, manifest);
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(archive))) {
            var tar = new TarWriter(out);
            tar.folder("blobs", 0755);
            tar.folder(BLOBS, 0755);
            Set<String> names = new TreeSet<>(blobs.keySet());
            for (String name : names) {
                tar.file(BLOBS + "/" + name, 0644, blobs.getOrDefault(name, new byte[0]));
            }
            try (InputStream in = Files.newInputStream(layer)) {
                tar.file(BLOBS + "/" + layerDigest, 0644, Files.size(layer), in);
            }
            tar.file("index.json", 0644, utf8(Json.of(index(spec, manifestDigest, manifest.length))));
            tar.file("manifest.json", 0644, utf8(Json.of(dockerManifest(spec, configDigest, layerDigest))));
            tar.file("oci-layout", 0644, utf8("{\"imageLayoutVersion\":\"1.0.0\"}"));
            tar.finish();
        }
        return manifestDigest;
    }

    private static Map<String, Object> config(ImageSpec spec, String layerDigest) {
        var run = new LinkedHashMap<String, Object>();
        if (!spec.user().isEmpty()) {
            run.put("User", spec.user());
        }
        var env = new ArrayList<String>();
        if (!spec.env().containsKey("PATH")) {
            env.add("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
        }
        spec.env().forEach((name, value) -> env.add(name + "=" + value));
        run.put("Env", env);
        run.put("Entrypoint", spec.entrypoint());
        run.put("Cmd", spec.command());
        if (!spec.workingDir().isEmpty()) {
            run.put("WorkingDir", spec.workingDir());
        }
        var config = new LinkedHashMap<String, Object>();
        config.put("architecture", architecture());
        config.put("os", "linux");
        config.put("created", "1970-01-01T00:00:00Z");
        config.put("config", run);
        config.put("rootfs", Json.object("type", "layers", "diff_ids", List.of("sha256:" + layerDigest)));
        config.put(
                "history", List.of(Json.object("created", "1970-01-01T00:00:00Z", "created_by", "insula image build")));
        return config;
    }

    private static Map<String, Object> manifest(String config, long configSize, String layer, long layerSize) {
        return Json.object(
                "schemaVersion",
                2,
                "mediaType",
                MANIFEST_TYPE,
                "config",
                descriptor(CONFIG_TYPE, config, configSize),
                "layers",
                List.of(descriptor(LAYER_TYPE, layer, layerSize)));
    }

    private static Map<String, Object> index(ImageSpec spec, String manifest, long size) {
        Map<String, Object> descriptor = descriptor(MANIFEST_TYPE, manifest, size);
        // containerd's name for the whole reference, and the specification's for its tag
        descriptor.put(
                "annotations",
                Json.object(
                        "io.containerd.image.name", spec.fullName(),
                        "org.opencontainers.image.ref.name", spec.tag()));
        return Json.object("schemaVersion", 2, "mediaType", INDEX_TYPE, "manifests", List.of(descriptor));
    }

    private static List<Object> dockerManifest(ImageSpec spec, String config, String layer) {
        return List.of(Json.object(
                "Config", BLOBS + "/" + config,
                "RepoTags", List.of(spec.name()),
                "Layers", List.of(BLOBS + "/" + layer)));
    }

    private static Map<String, Object> descriptor(String type, String digest, long size) {
        return Json.object("mediaType", type, "digest", "sha256:" + digest, "size", size);
    }

    /// Go's name of this machine's processor, which images use.
    public static String architecture() {
        String java = System.getProperty("os.arch", "");
        return switch (java) {
            case "aarch64" -> "arm64";
            case "x86_64" -> "amd64";
            default -> java;
        };
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
