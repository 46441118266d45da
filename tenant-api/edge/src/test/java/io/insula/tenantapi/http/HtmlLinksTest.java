package io.insula.tenantapi.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class HtmlLinksTest {

    private record Case(String page, String want) {}

    @Test
    void leadsLinksElsewhereAndNothingElse() throws IOException {
        for (Case each : List.of(
                new Case("<a href=\"/x\">/x</a>", "<a href=\"P/x\">/x</a>"),
                new Case("<A class='/c' HREF='/x' >", "<A class='/c' HREF='P/x' >"),
                new Case("<img alt=\"a>b\" src=/x.png>", "<img alt=\"a>b\" src=P/x.png>"),
                new Case("<form action = \"/x\"><p cite=\"/x\">", "<form action = \"P/x\"><p cite=\"/x\">"),
                new Case("<a data-href=\"/x\" title=\" href='/x'\">", "<a data-href=\"/x\" title=\" href='/x'\">"),
                new Case("<a href=\"x\"><a href=\"//h/x\">", "<a href=\"x\"><a href=\"//h/x\">"),
                new Case("a < b > c <", "a < b > c <"),
                new Case("<a href=\"/x", "<a href=\"/x"),
                new Case(
                        "<script src=\"/x\">if (a<b) w('<a href=\"/x\">')</SCRIPT><a href=\"/x\">",
                        "<script src=\"P/x\">if (a<b) w('<a href=\"/x\">')</SCRIPT><a href=\"P/x\">"),
                new Case("", ""))) {
            assertThat(read(each.page())).isEqualTo(each.want());
        }
    }

    @Test
    void keepsBytesOfAnyEncodingAndLength() throws IOException {
        String text = "grüße €".repeat(5000);
        assertThat(read(text + "<a href=\"/ü\">" + text)).isEqualTo(text + "<a href=\"P/ü\">" + text);
        String endless = "<a x=\"" + "y".repeat(200_000) + "\" href=\"/x\">";
        assertThat(read(endless)).isEqualTo(endless);
    }

    private static String read(String page) throws IOException {
        var in = new ByteArrayInputStream(page.getBytes(StandardCharsets.UTF_8));
        var links = new HtmlLinks(in, to -> to.startsWith("/") && !to.startsWith("//") ? "P" + to : to);
        return new String(links.readAllBytes(), StandardCharsets.UTF_8);
    }
}
