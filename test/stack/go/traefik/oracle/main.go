// rule-oracle says what Traefik thinks of rules: one JSON object a line in, one answer a line out.
//
//	{"rule": "Host(`a.example`)", "syntax": "v3", "kind": "http"}
//	{"valid": true, "error": "", "hosts": ["a.example"]}
//
// Validity is the answer of Traefik's muxers, who take the rule as they would a router's. The hosts
// are the leaves that Traefik's own tree does not negate.
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"

	httpmuxer "github.com/traefik/traefik/v3/pkg/muxer/http"
	tcpmuxer "github.com/traefik/traefik/v3/pkg/muxer/tcp"
	"github.com/traefik/traefik/v3/pkg/rules"
	"github.com/traefik/traefik/v3/pkg/tcp"
)

type question struct {
	Rule   string `json:"rule"`
	Syntax string `json:"syntax"`
	Kind   string `json:"kind"`
}

type answer struct {
	Valid bool     `json:"valid"`
	Error string   `json:"error"`
	Hosts []string `json:"hosts"`
}

var matchers = map[string][]string{
	"http v3": {
		"ClientIP", "Method", "Host", "HostRegexp", "Path", "PathRegexp", "PathPrefix", "Header",
		"HeaderRegexp", "Query", "QueryRegexp",
	},
	"http v2": {
		"Host", "HostHeader", "HostRegexp", "ClientIP", "Path", "PathPrefix", "Method", "Headers",
		"HeadersRegexp", "Query",
	},
	"tcp v3": {"ALPN", "ClientIP", "HostSNI", "HostSNIRegexp"},
	"tcp v2": {"ALPN", "ClientIP", "HostSNI", "HostSNIRegexp"},
}

var hostMatchers = []string{"Host", "HostHeader", "HostSNI"}

// httpParser is made once: it costs more than most rules.
var httpParser = sync.OnceValues(func() (httpmuxer.SyntaxParser, error) {
	return httpmuxer.NewSyntaxParser()
})

func main() {
	if err := answerAll(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "rule-oracle:", err)
		os.Exit(1)
	}
}

func answerAll(questions io.Reader, answers io.Writer) error {
	in := bufio.NewReaderSize(questions, 1<<20)
	out := bufio.NewWriter(answers)
	decoder, encoder := json.NewDecoder(in), json.NewEncoder(out)
	for {
		var q question
		if err := decoder.Decode(&q); errors.Is(err, io.EOF) {
			return out.Flush()
		} else if err != nil {
			return err
		}
		if err := encoder.Encode(ask(q)); err != nil {
			return err
		}
		if err := out.Flush(); err != nil {
			return err
		}
	}
}

func ask(q question) answer {
	if err := addRoute(q); err != nil {
		return answer{Error: innermost(err).Error(), Hosts: []string{}}
	}
	hosts, err := positiveHosts(q)
	if err != nil {
		return answer{Error: "the muxer took what the parser refuses: " + err.Error(), Hosts: []string{}}
	}
	return answer{Valid: true, Hosts: hosts}
}

// addRoute gives the rule to the muxer of its kind. A panic there would cost Traefik the router.
func addRoute(q question) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	if q.Kind == "tcp" {
		muxer, err := tcpmuxer.NewMuxer(nil)
		if err != nil {
			return err
		}
		return muxer.AddRoute(q.Rule, q.Syntax, 0, "", tcp.HandlerFunc(func(tcp.WriteCloser) {}))
	}
	parser, err := httpParser()
	if err != nil {
		return err
	}
	return httpmuxer.NewMuxer(parser, nil).AddRoute(q.Rule, q.Syntax, 0, "", http.NotFoundHandler())
}

func positiveHosts(q question) ([]string, error) {
	syntax := "v3"
	if q.Syntax == "v2" {
		syntax = "v2"
	}
	parser, err := rules.NewParser(matchers[q.Kind+" "+syntax])
	if err != nil {
		return nil, err
	}
	parsed, err := parser.Parse(q.Rule)
	if err != nil {
		return nil, err
	}
	build, ok := parsed.(rules.TreeBuilder)
	if !ok {
		return nil, errors.New("no tree")
	}
	return collect(build(), []string{}), nil
}

func collect(tree *rules.Tree, hosts []string) []string {
	if tree.Matcher == "and" || tree.Matcher == "or" {
		return collect(tree.RuleRight, collect(tree.RuleLeft, hosts))
	}
	if tree.Not || !slices.Contains(hostMatchers, tree.Matcher) {
		return hosts
	}
	for _, value := range tree.Value {
		host := strings.TrimSuffix(strings.ToLower(value), ".")
		if host != "" && !slices.Contains(hosts, host) {
			hosts = append(hosts, host)
		}
	}
	return hosts
}

// innermost leaves out the wrapping, which quotes the whole rule.
func innermost(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}
		err = inner
	}
}
