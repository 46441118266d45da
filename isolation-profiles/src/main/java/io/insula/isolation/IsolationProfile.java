package io.insula.isolation;

import io.fabric8.kubernetes.api.model.Pod;

/// How one kind of sandbox runs tenant pods. Adding one is one file: a package-private `@Singleton`.
///
/// Implementations are pure and thread-safe: the same pod and settings give the same answer, and the pod given is never
/// changed.
///
/// A profile never drops a field silently: it translates the field or answers [HostWorkload.Unsupported] with its path.
public interface IsolationProfile {

    /// All that others must know of the sandbox; always the same. One implementation per sandbox.
    Sandbox sandbox();

    /// Called with the tenant's pod at admission, and with the pod as the syncer has renamed it before writing to the
    /// host; the workload's kind and the field of a refusal are the same for both.
    /// The answer carries `settings.name()`.
    Translation translate(Pod pod, ProfileSettings settings);
}
