// Command cert-manager runs cert-manager's own controllers: those that a certificate by ACME or from
// a CA in the cluster needs. Its own command is a module that can't be fetched; its controllers are
// public packages.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/cert-manager/cert-manager/pkg/controller"
	_ "github.com/cert-manager/cert-manager/pkg/controller/acmechallenges"
	_ "github.com/cert-manager/cert-manager/pkg/controller/acmeorders"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificate-shim/ingresses"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/acme"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/approver"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/ca"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificaterequests/selfsigned"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/issuing"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/keymanager"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/readiness"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/requestmanager"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/revisionmanager"
	_ "github.com/cert-manager/cert-manager/pkg/controller/certificates/trigger"
	_ "github.com/cert-manager/cert-manager/pkg/controller/clusterissuers"
	_ "github.com/cert-manager/cert-manager/pkg/controller/issuers"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/acme"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/ca"
	_ "github.com/cert-manager/cert-manager/pkg/issuer/selfsigned"
	"k8s.io/apimachinery/pkg/api/resource"
)

const (
	workers = 5
	// What whoever starts this waits for.
	ready = "cert-manager is ready"
)

func main() {
	kubeconfig := flag.String("kubeconfig", "", "kubeconfig file")
	namespace := flag.String("cluster-resource-namespace", "cert-manager", "namespace of the ClusterIssuers' Secrets")
	backoff := flag.Duration("certificate-request-minimum-backoff-duration", time.Hour, "first wait after a failed issuance")
	checker := flag.String("acme-http01-solver-nameservers", "", "host and port of the DNS server that the own check of HTTP-01 asks")
	nameserver := flag.String("dns01-recursive-nameservers", "", "host and port of the DNS server that DNS-01 asks for a zone")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, options(*kubeconfig, *namespace, nameservers{http01: *checker, dns01: *nameserver}, *backoff)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(ctx context.Context, options controller.ContextOptions) error {
	factory, err := controller.NewContextFactory(ctx, options)
	if err != nil {
		return err
	}
	common, err := factory.Build()
	if err != nil {
		return err
	}
	failed := make(chan error)
	for name, constructor := range controller.Known() {
		built, err := constructor(factory)
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		go func() {
			if err := built.Run(workers, ctx); err != nil {
				failed <- fmt.Errorf("%s: %w", name, err)
			}
		}()
	}
	common.SharedInformerFactory.Start(ctx.Done())
	common.KubeSharedInformerFactory.Start(ctx.Done())
	common.HTTP01ResourceMetadataInformersFactory.Start(ctx.Done())
	common.SharedInformerFactory.WaitForCacheSync(ctx.Done())
	common.KubeSharedInformerFactory.WaitForCacheSync(ctx.Done())
	common.HTTP01ResourceMetadataInformersFactory.WaitForCacheSync(ctx.Done())
	fmt.Println(ready)
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
		return nil
	}
}

type nameservers struct{ http01, dns01 string }

func options(kubeconfig, namespace string, dns nameservers, backoff time.Duration) controller.ContextOptions {
	small := resource.MustParse("10m")
	memory := resource.MustParse("64Mi")
	return controller.ContextOptions{
		Kubeconfig:         kubeconfig,
		KubernetesAPIQPS:   200,
		KubernetesAPIBurst: 500,
		IssuerOptions:      controller.IssuerOptions{ClusterResourceNamespace: namespace},
		ACMEOptions: controller.ACMEOptions{
			HTTP01SolverImage:                 "acmesolver",
			HTTP01SolverResourceRequestCPU:    small,
			HTTP01SolverResourceRequestMemory: memory,
			HTTP01SolverResourceLimitsCPU:     small,
			HTTP01SolverResourceLimitsMemory:  memory,
			ACMEHTTP01SolverRunAsNonRoot:      true,
			DNS01CheckRetryPeriod:             time.Second,
			DNS01Nameservers:                  []string{dns.dns01},
			HTTP01SolverNameservers:           []string{dns.http01},
		},
		CertificateOptions: controller.CertificateOptions{
			CopiedAnnotationPrefixes:                 []string{"*", "-kubectl.kubernetes.io/"},
			CertificateRequestMinimumBackoffDuration: backoff,
			CertificateRequestMaximumBackoffDuration: 32 * time.Hour,
		},
		SchedulerOptions: controller.SchedulerOptions{MaxConcurrentChallenges: 60},
	}
}
