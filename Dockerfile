FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
RUN npm run build

FROM node:24-bookworm-slim AS libraries
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Optional packages are PostgreSQL's binaries and build tools: the image needs neither.
# Temporal's native library comes for every platform at once, 110 MB more than this one needs.
RUN npm ci --omit=dev --omit=optional --ignore-scripts \
  && find node_modules/@temporalio/core-bridge/releases -mindepth 1 -maxdepth 1 \
    ! -name "$(uname -m)-unknown-linux-gnu" -exec rm -r {} +

FROM node:24-bookworm-slim
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /app
ENV NODE_ENV=production \
  WORKFLOW_BUNDLE=/app/dist/workers/workflows.js
COPY --from=libraries /app/node_modules node_modules
COPY package.json ./
COPY --from=build /app/dist dist
USER node
# The worker is the same image with dist/workers/worker.js instead.
CMD ["node", "dist/api/server.js"]
