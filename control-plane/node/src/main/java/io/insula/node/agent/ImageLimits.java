package io.insula.node.agent;

import java.time.Duration;

/// How full the disk of images may be, in hundredths.
///
/// Source: Kubernetes, "Garbage Collection", container images.
///
/// @param high above which unused images go
/// @param low until which they do
/// @param age below which one stays
public record ImageLimits(int high, int low, Duration age) {
    public static final ImageLimits USUAL = new ImageLimits(85, 80, Duration.ofMinutes(2));
    /// However full the disk is, until pods would have to give way.
    public static final ImageLimits ONLY_UNDER_PRESSURE = new ImageLimits(100, 100, USUAL.age());
}
