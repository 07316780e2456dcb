# syntax=docker/dockerfile:1
# Two stages: the first compiles, the second holds one program, its certificates and nobody's root.

FROM rust:1.95-bookworm AS build
WORKDIR /build
COPY Cargo.toml Cargo.lock ./
COPY sinks sinks
COPY src src
COPY benches benches
COPY config.example.yaml ./
RUN cargo build --release --locked --bin agnox-bridge \
    && strip target/release/agnox-bridge

FROM debian:bookworm-slim
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates tzdata \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin bridge \
    && install --directory --owner bridge --group bridge --mode 0750 /data
COPY --from=build /build/target/release/agnox-bridge /usr/local/bin/agnox-bridge
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8080 8081
ENV AGNOX_BRIDGE_CONFIG=/etc/agnox-bridge/agnox-bridge.yaml
HEALTHCHECK --interval=15s --timeout=5s --start-period=5s --retries=3 \
    CMD ["agnox-bridge", "healthcheck"]
ENTRYPOINT ["agnox-bridge"]
CMD ["serve"]
