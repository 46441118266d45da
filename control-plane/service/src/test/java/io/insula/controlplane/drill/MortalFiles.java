package io.insula.controlplane.drill;

import java.io.File;
import java.io.IOException;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.StandardOpenOption;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The machine's files as one life sees them: each change of a name is a deed of it, and once it is over nothing is
/// read or written any more. Thread-safe.
final class MortalFiles extends FileSystemProvider {

    private static final FileSystem REAL = FileSystems.getDefault();

    private final Mortal life;
    private final FileSystem system = new Files();

    private MortalFiles(Mortal life) {
        this.life = life;
    }

    /// `path`, by which a life reaches the same file.
    static Path of(Path path, Mortal life) {
        return new MortalFiles(life).wrap(path);
    }

    private Path wrap(Path path) {
        return new Name(path);
    }

    private Path orNull(@Nullable Path path) {
        return path == null ? none() : wrap(path);
    }

    @SuppressWarnings("NullAway") // as the interface has it
    private static Path none() {
        return null;
    }

    private static Path real(Path path) {
        return path instanceof Name name ? name.real : path;
    }

    private Path read(Path path) {
        life.requireAlive();
        return real(path);
    }

    private Path change(String what, Path path) {
        life.does(what + " " + path);
        return real(path);
    }

    private static FileSystemProvider realFiles() {
        return REAL.provider();
    }

    @Override
    public SeekableByteChannel newByteChannel(
            Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes) throws IOException {
        return realFiles().newByteChannel(opened(path, options), options, attributes);
    }

    @Override
    public FileChannel newFileChannel(Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
            throws IOException {
        return realFiles().newFileChannel(opened(path, options), options, attributes);
    }

    private Path opened(Path path, Set<? extends OpenOption> options) {
        boolean writes = options.contains(StandardOpenOption.WRITE) || options.contains(StandardOpenOption.APPEND);
        return writes ? change("write", path) : read(path);
    }

    @Override
    public DirectoryStream<Path> newDirectoryStream(Path folder, DirectoryStream.Filter<? super Path> filter)
            throws IOException {
        DirectoryStream<Path> all = realFiles().newDirectoryStream(read(folder), entry -> filter.accept(wrap(entry)));
        return new DirectoryStream<>() {
            @Override
            public Iterator<Path> iterator() {
                Iterator<Path> each = all.iterator();
                return new Iterator<>() {
                    @Override
                    public boolean hasNext() {
                        return each.hasNext();
                    }

                    @Override
                    public Path next() {
                        return wrap(each.next());
                    }
                };
            }

            @Override
            public void close() throws IOException {
                all.close();
            }
        };
    }

    @Override
    public void createDirectory(Path folder, FileAttribute<?>... attributes) throws IOException {
        realFiles().createDirectory(change("make", folder), attributes);
    }

    @Override
    public void delete(Path path) throws IOException {
        realFiles().delete(change("delete", path));
    }

    @Override
    public void copy(Path from, Path to, CopyOption... options) throws IOException {
        realFiles().copy(real(from), change("copy to", to), options);
    }

    @Override
    public void move(Path from, Path to, CopyOption... options) throws IOException {
        realFiles().move(real(from), change("move to", to), options);
    }

    @Override
    public boolean isSameFile(Path one, Path other) throws IOException {
        return realFiles().isSameFile(read(one), real(other));
    }

    @Override
    public boolean isHidden(Path path) throws IOException {
        return realFiles().isHidden(read(path));
    }

    @Override
    public FileStore getFileStore(Path path) throws IOException {
        return realFiles().getFileStore(read(path));
    }

    @Override
    public void checkAccess(Path path, AccessMode... modes) throws IOException {
        realFiles().checkAccess(read(path), modes);
    }

    @Override
    public <V extends FileAttributeView> @Nullable V getFileAttributeView(
            Path path, Class<V> type, LinkOption... options) {
        return realFiles().getFileAttributeView(read(path), type, options);
    }

    @Override
    public <A extends BasicFileAttributes> A readAttributes(Path path, Class<A> type, LinkOption... options)
            throws IOException {
        return realFiles().readAttributes(read(path), type, options);
    }

    @Override
    public Map<String, Object> readAttributes(Path path, String attributes, LinkOption... options) throws IOException {
        return realFiles().readAttributes(read(path), attributes, options);
    }

    @Override
    public void setAttribute(Path path, String attribute, Object value, LinkOption... options) throws IOException {
        realFiles().setAttribute(change("mark", path), attribute, value, options);
    }

    @Override
    public String getScheme() {
        return "mortal";
    }

    @Override
    public FileSystem newFileSystem(URI uri, Map<String, ?> environment) {
        throw new UnsupportedOperationException();
    }

    @Override
    public FileSystem getFileSystem(URI uri) {
        return system;
    }

    @Override
    public Path getPath(URI uri) {
        throw new UnsupportedOperationException();
    }

    private final class Files extends FileSystem {
        @Override
        public FileSystemProvider provider() {
            return MortalFiles.this;
        }

        @Override
        public Path getPath(String first, String... more) {
            return wrap(REAL.getPath(first, more));
        }

        @Override
        public PathMatcher getPathMatcher(String pattern) {
            PathMatcher matcher = REAL.getPathMatcher(pattern);
            return path -> matcher.matches(real(path));
        }

        @Override
        public void close() {
            throw new UnsupportedOperationException();
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public boolean isReadOnly() {
            return false;
        }

        @Override
        public String getSeparator() {
            return REAL.getSeparator();
        }

        @Override
        public Iterable<Path> getRootDirectories() {
            return REAL.getRootDirectories();
        }

        @Override
        public Iterable<FileStore> getFileStores() {
            return REAL.getFileStores();
        }

        @Override
        public Set<String> supportedFileAttributeViews() {
            return REAL.supportedFileAttributeViews();
        }

        @Override
        public UserPrincipalLookupService getUserPrincipalLookupService() {
            return REAL.getUserPrincipalLookupService();
        }

        @Override
        public WatchService newWatchService() {
            throw new UnsupportedOperationException();
        }
    }

    private final class Name implements Path {
        private final Path real;

        Name(Path real) {
            this.real = real;
        }

        @Override
        public FileSystem getFileSystem() {
            return system;
        }

        @Override
        public boolean isAbsolute() {
            return real.isAbsolute();
        }

        @Override
        public Path getRoot() {
            return orNull(real.getRoot());
        }

        @Override
        public Path getFileName() {
            return orNull(real.getFileName());
        }

        @Override
        public Path getParent() {
            return orNull(real.getParent());
        }

        @Override
        public int getNameCount() {
            return real.getNameCount();
        }

        @Override
        public Path getName(int index) {
            return wrap(real.getName(index));
        }

        @Override
        public Path subpath(int begin, int end) {
            return wrap(real.subpath(begin, end));
        }

        @Override
        public boolean startsWith(Path other) {
            return real.startsWith(real(other));
        }

        @Override
        public boolean endsWith(Path other) {
            return real.endsWith(real(other));
        }

        @Override
        public Path normalize() {
            return wrap(real.normalize());
        }

        @Override
        public Path resolve(Path other) {
            return wrap(real.resolve(real(other)));
        }

        @Override
        public Path relativize(Path other) {
            return wrap(real.relativize(real(other)));
        }

        @Override
        public URI toUri() {
            return real.toUri();
        }

        @Override
        public Path toAbsolutePath() {
            return wrap(real.toAbsolutePath());
        }

        @Override
        public Path toRealPath(LinkOption... options) throws IOException {
            return wrap(read(this).toRealPath(options));
        }

        @Override
        public File toFile() {
            return read(this).toFile();
        }

        @Override
        public WatchKey register(WatchService watcher, WatchEvent.Kind<?>[] events, WatchEvent.Modifier... modifiers) {
            throw new UnsupportedOperationException();
        }

        @Override
        public int compareTo(Path other) {
            return real.compareTo(real(other));
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Name name && name.real.equals(real);
        }

        @Override
        public int hashCode() {
            return real.hashCode();
        }

        @Override
        public String toString() {
            return real.toString();
        }
    }
}
