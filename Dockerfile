FROM python:3.13-slim

RUN useradd --create-home --uid 1000 brinkwatch && install --directory --owner brinkwatch /data
WORKDIR /srv/brinkwatch

# One lock file for everything, checked by hash; it also holds the tools of development.
COPY requirements.lock .
RUN pip install --no-cache-dir --no-deps --require-hashes -r requirements.lock

COPY . .
RUN pip install --no-cache-dir --no-deps .

USER 1000
# Prefect's server unpacks its page; among the installed packages it may not, and would have none.
ENV BRINKWATCH_WAREHOUSE=/data/warehouse.duckdb \
    DO_NOT_TRACK=1 \
    PREFECT_SERVER_ANALYTICS_ENABLED=false \
    PREFECT_UI_STATIC_DIRECTORY=/home/brinkwatch/page
VOLUME /data
CMD ["brinkwatch", "run"]
