package io.insula.controlplane.keys;

import io.insula.controlplane.home.Home;
import io.insula.controlplane.home.HomeException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// Where private keys are in a home. Stateless.
final class KeyFolders {

    private static final String PKI = "pki";

    private KeyFolders() {}

    /// Those that there are.
    static List<Path> in(Home home) {
        var all = new ArrayList<Path>();
        all.add(home.adminPki());
        all.add(home.host().resolve(PKI));
        all.add(home.kafka().resolve(PKI));
        for (Path tenant : list(home.tenants())) {
            all.add(tenant.resolve(PKI));
            // what a death in the middle of a restoration has left
            all.add(tenant.resolve("restore").resolve(PKI));
        }
        return all.stream().filter(Files::isDirectory).toList();
    }

    /// The private keys of a folder, by their files; one that is removed meanwhile may be among them.
    static List<Path> keys(Path folder) {
        return list(folder).stream()
                .filter(file -> file.getFileName().toString().endsWith(".key"))
                .toList();
    }

    /// What a file holds; nothing where it is gone.
    static String text(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        } catch (NoSuchFileException e) {
            return "";
        } catch (IOException e) {
            throw new HomeException("cannot read " + file + ": " + e.getMessage() + "; nothing was changed", e);
        }
    }

    private static List<Path> list(Path folder) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(folder)) {
            return all.sorted().toList();
        } catch (NoSuchFileException e) {
            return List.of();
        } catch (IOException e) {
            throw new HomeException("cannot read " + folder + ": " + e.getMessage() + "; nothing was changed", e);
        }
    }
}
