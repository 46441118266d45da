package io.insula.node.containerd;

import io.insula.cri.v1.AuthConfig;
import io.insula.cri.v1.ImageFsInfoRequest;
import io.insula.cri.v1.ImageServiceGrpc.ImageServiceBlockingStub;
import io.insula.cri.v1.ImageSpec;
import io.insula.cri.v1.ImageStatusRequest;
import io.insula.cri.v1.ImageStatusResponse;
import io.insula.cri.v1.ListImagesRequest;
import io.insula.cri.v1.PullImageRequest;
import io.insula.cri.v1.RemoveImageRequest;
import io.insula.node.runtime.Images;
import io.insula.node.runtime.RuntimeFailure;
import io.insula.node.runtime.SandboxSpec;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// Images over CRI. Thread-safe.
final class CriImages implements Images {

    private static final Duration CALL = Duration.ofMinutes(2);
    private static final Duration PULL = Duration.ofHours(1);

    private final ImageServiceBlockingStub stub;
    private final Requests requests;

    CriImages(ImageServiceBlockingStub stub, Requests requests) {
        this.stub = stub;
        this.requests = requests;
    }

    @Override
    public Optional<Image> find(String name) {
        ImageStatusResponse answer = Failures.translated(() -> within(CALL)
                .imageStatus(
                        ImageStatusRequest.newBuilder().setImage(named(name)).build()));
        return answer.hasImage() ? Optional.of(Answers.image(answer.getImage())) : Optional.empty();
    }

    @Override
    public List<Image> list() {
        return Failures.translated(() -> within(CALL).listImages(ListImagesRequest.getDefaultInstance()))
                .getImagesList()
                .stream()
                .map(Answers::image)
                .toList();
    }

    @Override
    public String pull(String name, Optional<RegistryAuth> auth, SandboxSpec sandbox) {
        var request = PullImageRequest.newBuilder().setImage(named(name)).setSandboxConfig(requests.sandbox(sandbox));
        auth.ifPresent(a -> request.setAuth(AuthConfig.newBuilder()
                .setUsername(a.username())
                .setPassword(a.password())
                .setServerAddress(a.server())
                .setIdentityToken(a.identityToken())));
        return Failures.translated(() -> within(PULL).pullImage(request.build()))
                .getImageRef();
    }

    @Override
    public void remove(String name) {
        Failures.ifThere(() -> within(CALL)
                .removeImage(
                        RemoveImageRequest.newBuilder().setImage(named(name)).build()));
    }

    @Override
    public FilesystemUse use() {
        return Failures.translated(() -> within(CALL).imageFsInfo(ImageFsInfoRequest.getDefaultInstance()))
                .getImageFilesystemsList()
                .stream()
                .findFirst()
                .map(Answers::use)
                .orElseThrow(() -> new RuntimeFailure.Unavailable(
                        "the runtime has not measured its images yet",
                        new IllegalStateException("no image file system")));
    }

    private ImageServiceBlockingStub within(Duration time) {
        return stub.withDeadlineAfter(time.toMillis(), TimeUnit.MILLISECONDS);
    }

    private static ImageSpec named(String name) {
        return ImageSpec.newBuilder().setImage(name).build();
    }
}
