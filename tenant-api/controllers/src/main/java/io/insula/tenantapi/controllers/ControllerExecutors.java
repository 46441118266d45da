package io.insula.tenantapi.controllers;

import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;

/// Threads shared by the managers of all tenants; owned, named and closed by whoever starts managers.
///
/// @param work runs reconciles: one virtual thread per task
/// @param timer fires delays; its tasks only hand over to `work`
public record ControllerExecutors(Executor work, ScheduledExecutorService timer) {}
