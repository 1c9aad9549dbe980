# The worker as an image. Default target: CPU, wasm engine. `--target worker-gpu`: the native engine on CUDA.
# Under tini: a worker whose engine hangs kills itself, which the first process of a container cannot.

FROM node:20-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json ./
COPY src ./src
COPY workers ./workers
RUN npm run build && npm prune --omit=dev --ignore-scripts

# tfjs-node-gpu's libtensorflow wants CUDA 11 and cuDNN 8. Node comes from its own image: both are glibc.
FROM nvidia/cuda:11.8.0-cudnn8-runtime-ubuntu22.04 AS worker-gpu
RUN apt-get update \
  && apt-get install -y --no-install-recommends ca-certificates g++ make python3 python3-pip tini unzip \
  && rm -rf /var/lib/apt/lists/*
COPY --from=build /usr/local/bin/node /usr/local/bin/node
COPY --from=build /usr/local/lib/node_modules /usr/local/lib/node_modules
COPY --from=build /usr/local/include/node /usr/local/include/node
RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm \
  && ln -s ../lib/node_modules/npm/bin/npx-cli.js /usr/local/bin/npx
WORKDIR /app
COPY --from=build /app ./
# The library may stay in this cache, linked to: below /root nobody else could read it.
RUN XDG_CACHE_HOME=/opt/cache npm run setup:tensorflow
COPY models ./models
# With a home of its own: CUDA keeps there what it compiles.
RUN useradd --system --create-home --shell /usr/sbin/nologin worker
ENV NODE_ENV=production MALLOC_ARENA_MAX=2 TF_FORCE_GPU_ALLOW_GROWTH=true
USER worker
ENTRYPOINT ["tini", "--"]
CMD ["node", "dist/src/cli/anytime.js", "worker", "--create-topics"]

FROM node:20-bookworm-slim AS worker
RUN apt-get update \
  && apt-get install -y --no-install-recommends tini \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /app
COPY package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY models ./models
ENV NODE_ENV=production MALLOC_ARENA_MAX=2
USER node
ENTRYPOINT ["tini", "--"]
CMD ["node", "dist/src/cli/anytime.js", "worker", "--create-topics"]
