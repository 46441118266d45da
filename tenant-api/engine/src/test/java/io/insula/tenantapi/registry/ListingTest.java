package io.insula.tenantapi.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.insula.tenantapi.api.ApiException;
import io.insula.tenantapi.api.Meta;
import io.insula.tenantapi.storage.Storage.Freshness;
import java.util.List;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Which state of a collection a list shows.
final class ListingTest {

    private final StoredWorld world = new StoredWorld();
    private final Listing listing = new Listing(world.storage, world.objects, world.scheduler);
    private final Target all = Target.collection(world.kind, "default");

    private long begin;
    private long both;
    private long now;

    @BeforeEach
    void live() {
        begin = world.create("a", "old");
        both = world.create("b", "old");
        world.update("a", "new");
        world.delete("b");
        now = world.create("c", "new");
    }

    @AfterEach
    void close() {
        world.close();
    }

    @Test
    void answersExactlyTheRevisionThatIsAskedFor() {
        ObjectPage first = list(options(0, begin, "Exact"));
        ObjectPage second = list(options(0, both, "Exact"));

        assertThat(said(first)).containsExactly("a=old");
        assertThat(first.resourceVersion()).isEqualTo(Long.toString(begin));
        assertThat(said(second)).containsExactly("a=old", "b=old");
        assertThat(second.resourceVersion()).isEqualTo(Long.toString(both));
        assertThat(said(list(options(0, now, "Exact")))).containsExactly("a=new", "c=new");
    }

    @Test
    void answersTheLatestWhereAnythingNotOlderWillDo() {
        for (ListOptions wanted : List.of(
                options(0, 0, ""),
                options(0, both, ""),
                options(0, both, "NotOlderThan"),
                options(5, both, "NotOlderThan"))) {
            ObjectPage page = list(wanted);
            assertThat(said(page)).as("%s", wanted).containsExactly("a=new", "c=new");
            assertThat(page.resourceVersion()).as("%s", wanted).isEqualTo(Long.toString(now));
        }
    }

    /// Upstream has always read a page exactly at the revision it names.
    @Test
    void readsAPageOfARevisionThere() {
        ObjectPage page = list(options(1, both, ""));

        assertThat(said(page)).containsExactly("a=old");
        assertThat(page.resourceVersion()).isEqualTo(Long.toString(both));
        assertThat(page.remaining()).isEqualTo(1);
    }

    @Test
    void goesOnWhereAPageWasReadWhateverHappensMeanwhile() {
        ObjectPage first = list(options(1, both, "Exact"));
        world.delete("a");
        world.create("bb", "later");

        ObjectPage second = list(continuing(1, first.continueToken()));

        assertThat(said(first)).containsExactly("a=old");
        assertThat(said(second)).containsExactly("b=old");
        assertThat(second.resourceVersion()).isEqualTo(Long.toString(both));
        assertThat(second.continueToken()).isEmpty();
    }

    @Test
    void refusesARevisionThatHasNotBeen() {
        for (ListOptions wanted :
                List.of(options(0, now + 1, "Exact"), options(0, now + 1, "NotOlderThan"), options(0, now + 1, ""))) {
            refused(504, "Too large resource version: " + (now + 1) + ", current: " + now, () -> list(wanted));
        }
    }

    @Test
    void refusesARevisionThatIsForgottenInsteadOfAnsweringTheLatest() {
        String token = list(options(1, both, "Exact")).continueToken();
        world.storage.compact(now);

        refused(410, "too old", () -> list(options(0, both, "Exact")));
        refused(410, "The provided continue parameter is too old", () -> list(continuing(1, token)));
        assertThat(said(list(options(0, both, "NotOlderThan")))).containsExactly("a=new", "c=new");
    }

    @Test
    void refusesARevisionBesideAContinueToken() {
        String token = list(options(1, 0, "")).continueToken();
        var mixed = new ListOptions("", "", 1, token, Long.toString(both), "", Optional.empty(), false, 0);

        refused(400, "specifying resource version is not allowed when using continue", () -> list(mixed));
    }

    /// The short cut of whole collections knows only the present.
    @Test
    void takesTheShortCutOnlyForTheLatest() {
        assertThat(listing.text(all, options(0, both, "Exact"), false)).isEmpty();
        assertThat(listing.text(all, options(0, both, ""), false)).isEmpty();
        assertThat(listing.text(all, options(1, 0, ""), false)).isEmpty();
        assertThat(listing.text(all, ListOptions.selecting("on=new", ""), false))
                .isEmpty();
        assertThat(listing.text(all, options(0, 0, ""), false)).isPresent();
    }

    @Test
    void fillsPagesThroughWhatASelectorLeavesOut() {
        for (int i = 0; i < 20; i++) {
            world.create("x%02d".formatted(i), i % 7 == 6 ? "rare" : "new");
        }
        var page = new ListOptions("on=rare", "", 1, "", "", "", Optional.empty(), false, 0);
        ObjectPage first = listing.list(all, page, Freshness.LATEST);
        var next = new ListOptions("on=rare", "", 1, first.continueToken(), "", "", Optional.empty(), false, 0);
        ObjectPage second = listing.list(all, next, Freshness.LATEST);

        assertThat(said(first)).containsExactly("x06=rare");
        assertThat(said(second)).containsExactly("x13=rare");
        assertThat(first.remaining()).as("nobody has counted them").isEqualTo(-1);
    }

    private ObjectPage list(ListOptions options) {
        return listing.list(all, options);
    }

    /// @param revision 0 for none
    private static ListOptions options(int limit, long revision, String match) {
        String version = revision == 0 ? "" : Long.toString(revision);
        return new ListOptions("", "", limit, "", version, match, Optional.empty(), false, 0);
    }

    private static ListOptions continuing(int limit, String token) {
        return new ListOptions("", "", limit, token, "", "", Optional.empty(), false, 0);
    }

    private static List<String> said(ObjectPage page) {
        return page.items().stream()
                .map(object ->
                        Meta.name(object) + "=" + object.path("data").path("on").asText())
                .toList();
    }

    private static void refused(int code, String message, ThrowingCallable call) {
        assertThatExceptionOfType(ApiException.class)
                .isThrownBy(call)
                .withMessageContaining(message)
                .satisfies(e -> assertThat(e.code()).isEqualTo(code));
    }
}
