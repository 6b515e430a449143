# Both images are named by tag, so that this file can be read. A release names them by digest instead:
#   docker build --build-arg BUILDER=docker.io/library/node@sha256:… --build-arg RUNTIME=gcr.io/distroless/nodejs26-debian13@sha256:… .
# Any image will do for RUNTIME that has Node 26 at /nodejs/bin/node and neither shell nor package manager.
ARG BUILDER=docker.io/library/node:26.10.0-trixie-slim
ARG RUNTIME=gcr.io/distroless/nodejs26-debian13:nonroot

FROM ${BUILDER} AS build
WORKDIR /plumbline
COPY package.json package-lock.json ./
# Nothing is fetched but from the package registry; the package `node` brings the Node that the scripts run on from there.
RUN npm ci --no-audit --no-fund
COPY tsconfig.json LICENSE ./
COPY tools/build.ts tools/build.ts
COPY tools/bundle tools/bundle
COPY src src
RUN npm run build

FROM ${RUNTIME}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Plumbline" \
      org.opencontainers.image.description="Holds every Kubernetes namespace against a published reference design" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
WORKDIR /app
# package.json says that the files are ES modules.
COPY --from=build /plumbline/package.json /plumbline/LICENSE ./
# With the bill of materials, sbom.cdx.json, and the licences of what is in the bundle.
COPY --from=build /plumbline/dist ./
# A number, so that Kubernetes can see that it is not root. Nothing is written: the root file system may be read-only.
USER 65532:65532
# Metrics and probes, over TLS and plain; the Falco intake.
EXPOSE 8443 8080 2802
# What is held is small, and what is read passes through: a heap that may grow by a tenth before it is cleaned, a small
# young generation and one malloc arena for all threads take a quarter off the peak. The last compilers, of JavaScript and
# of WebAssembly, take more memory, and more of the processor at the start, than they give back (docs/performance.md).
ENV MALLOC_ARENA_MAX=1
# What a connection reads at once is 64 KiB: mapped by itself, it goes back to the system when it is read.
ENV MALLOC_MMAP_THRESHOLD_=32768
ENTRYPOINT ["/nodejs/bin/node", "--enable-source-maps", "--max-semi-space-size=2", "--heap-growing-percent=10", "--max-opt=2", "--liftoff-only", "/app/plumbline.js"]
CMD ["run"]
