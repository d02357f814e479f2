"""Bayesian updates with NumPyro: the no-U-turn sampler behind one small door.

Unknown numbers move on standard normal scores, so that the prior is the spread of their records;
where people differ each person has a value of their own about them: sampled as it is where a person
was observed often, else as a score (centred or not). Observations are compared on the logarithmic
scale. The sampler is Hoffman MD, Gelman A. J Mach Learn Res
2014;15:1593; R-hat and effective sample size are NumPyro's split R-hat and bulk ESS.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from speciosa.core.engine import prepare_jax
from speciosa.core.errors import SpeciosaError
from speciosa.core.profile import Profile, best_fit, profile_likelihood

Array = NDArray[np.float64]
OMEGA_SPREAD = 0.5  # sd of ln: how well the record knows how far people differ
RESIDUAL = 0.5  # scale of the half-normal prior of the residual sd, on the log scale
SMALLEST = 1e-12  # below which a prediction counts as none
PREDICTED = 200  # posterior draws of a predictive check
BAD = 1e3  # residual where a fit tried what cannot be


@dataclass(frozen=True)
class Unknown:
    """A number that is to be learnt.

    Args:
        name: its record.
        shape: lognormal, normal, logitnormal, uniform or loguniform.
        value: its central value.
        scale: sd of the prior on the scale of the shape; for uniform and loguniform the two ends.
        between: sd between people on the scale of ``between_shape``; 0 for none.
        between_shape: lognormal, normal or logitnormal.
        centred: whether each person's own value is sampled, and not its score.
    """

    name: str
    shape: str
    value: float
    scale: tuple[float, ...]
    between: float = 0.0
    between_shape: str = "lognormal"
    centred: bool = False


@dataclass(frozen=True)
class Settings:
    """How the sampler is run: per chain, after warming up."""

    chains: int = 2
    warmup: int = 400
    samples: int = 800
    seed: int = 1
    target: float = 0.85
    depth: int = 7


@dataclass(frozen=True)
class Posterior:
    """What was learnt.

    Args:
        draws: parameter -> draws (chains, samples), in the record's unit; ``omega: NAME`` is the sd
            between people and ``residual`` that of the logarithm of an observation.
        rhat, ess: by the same names.
        divergences: transitions that the sampler could not follow.
        simulated: new observations of new people at every observation's place, one row for each of
            some posterior draws (replicates, observations).
    """

    draws: Mapping[str, Array]
    rhat: Mapping[str, float]
    ess: Mapping[str, float]
    divergences: int
    simulated: Array

    @property
    def predicted(self) -> Array:
        """The 5, 50 and 95 % points of new observations (3, observations)."""
        return np.asarray(np.quantile(self.simulated, (0.05, 0.5, 0.95), axis=0), float)


Predict = Callable[[Mapping[str, Any]], Any]


class Learner:
    """One compiled posterior that serves any observations of the same shape.

    Args:
        predict: unknown -> row (N,) gives the expected observations (M,), by JAX.
        unknowns: what is to be learnt.
        people: N.
        settings: of the sampler.
        errors: sd of the logarithm of each observation where it is known; else it is learnt.
        censored: which observations are only known to lie below the value given.
    """

    def __init__(
        self, predict: Predict, unknowns: Sequence[Unknown], people: int, settings: Settings,
        errors: Array | None = None, censored: NDArray[np.bool_] | None = None,
    ) -> None:  # fmt: skip
        self.jax, self.numpyro = prepare_jax(), _numpyro()
        self.predict, self.unknowns, self.people = predict, tuple(unknowns), people
        self.settings, self.errors, self.censored = settings, errors, censored
        self._run = self.jax.jit(self._sampled)  # compiled once, whatever is observed

    def _sampled(self, key: Any, logs: Any) -> tuple[Any, Any]:
        """Run the sampler; return its draws (chains, samples, ...) and which diverged."""
        infer, settings = self.numpyro.infer, self.settings
        begin = infer.init_to_value(values=self._beginning())
        kernel = infer.NUTS(
            self._model,
            target_accept_prob=settings.target,
            max_tree_depth=settings.depth,
            init_strategy=begin,
        )
        sampler = infer.MCMC(
            kernel,
            num_warmup=settings.warmup,
            num_samples=settings.samples,
            num_chains=1,
            progress_bar=False,
        )

        def one(own: Any) -> tuple[Any, Any]:
            sampler.run(own, logs, extra_fields=("diverging",))
            return sampler.get_samples(), sampler.get_extra_fields()["diverging"]

        return self.jax.lax.map(one, self.jax.random.split(key, settings.chains))

    def learn(self, observed: Array, *, seed: int | None = None, check: bool = True) -> Posterior:
        """Return the posterior given observations.

        Args:
            observed: values (M,), above 0.
            seed: another than that of the settings.
            check: whether new observations are predicted too.
        """
        key = self.jax.random.PRNGKey(self.settings.seed if seed is None else seed)
        run, look = self.jax.random.split(key)
        logs = self.jax.numpy.log(self.jax.numpy.asarray(observed, dtype=float))
        kept, diverged = self._run(run, logs)
        draws = {u.name: np.asarray(self._value(u, kept[f"z: {u.name}"])) for u in self.unknowns}
        draws |= {k: np.asarray(v) for k, v in kept.items() if k.startswith("omega: ")}
        if "residual" in kept:
            draws["residual"] = np.asarray(kept["residual"])
        diagnose = self.numpyro.diagnostics
        several = self.settings.chains > 1
        return Posterior(
            draws,
            {k: float(diagnose.split_gelman_rubin(v)) if several else float("nan")
             for k, v in draws.items()},
            {k: float(diagnose.effective_sample_size(v)) for k, v in draws.items()},
            int(np.asarray(diverged).sum()),
            self._predicted(look, kept) if check else np.zeros((1, 0)),
        )  # fmt: skip

    def _beginning(self) -> dict[str, Any]:
        """Begin at the prior: far away a slow and a quick rate may have changed places."""
        jnp = self.jax.numpy
        found: dict[str, Any] = {}
        for u in self.unknowns:
            found[f"z: {u.name}"] = jnp.zeros(())
            if u.between:
                centre = self._scale(u.between_shape, jnp.asarray(u.value))
                found[f"omega: {u.name}"] = jnp.asarray(u.between)
                found[f"eta: {u.name}"] = jnp.full(self.people, centre if u.centred else 0.0)
        if self.errors is None:
            found["residual"] = jnp.asarray(RESIDUAL / 2.0)
        return found

    def _model(self, logs: Any) -> None:
        jnp, numpyro = self.jax.numpy, self.numpyro
        dist = numpyro.distributions
        rows = {}
        for u in self.unknowns:
            z = numpyro.sample(f"z: {u.name}", dist.Normal(0.0, 1.0))
            rows[u.name] = self._value(u, z)
            if u.between:
                spread = dist.LogNormal(np.log(u.between), OMEGA_SPREAD)
                omega = numpyro.sample(f"omega: {u.name}", spread)
                rows[u.name] = self._people(u, rows[u.name], omega)
        errors = self.errors
        if errors is None:
            errors = numpyro.sample("residual", dist.HalfNormal(RESIDUAL))
        expected = jnp.log(jnp.maximum(self.predict(rows), SMALLEST))
        noise = dist.Normal(expected, errors)
        density = noise.log_prob(logs)
        if self.censored is not None and self.censored.any():
            below = self.jax.scipy.stats.norm.logcdf((logs - expected) / errors)
            density = jnp.where(jnp.asarray(self.censored), below, density)
        numpyro.factor("observations", density.sum())

    def _people(self, u: Unknown, centre: Any, omega: Any) -> Any:
        """Sample everybody's own value about a centre."""
        numpyro, dist = self.numpyro, self.numpyro.distributions
        if not u.centred:
            own = numpyro.sample(f"eta: {u.name}", dist.Normal(0.0, 1.0).expand([self.people]))
            return self._shift(u.between_shape, centre, omega * own)
        middle = self._scale(u.between_shape, centre)
        own = numpyro.sample(f"eta: {u.name}", dist.Normal(middle, omega).expand([self.people]))
        return self._unscale(u.between_shape, own)

    def _scale(self, shape: str, value: Any) -> Any:
        jnp = self.jax.numpy
        if shape == "lognormal":
            return jnp.log(value)
        return jnp.log(value) - jnp.log1p(-value) if shape == "logitnormal" else value

    def _unscale(self, shape: str, value: Any) -> Any:
        jnp = self.jax.numpy
        if shape == "lognormal":
            return jnp.exp(value)
        return 1.0 / (1.0 + jnp.exp(-value)) if shape == "logitnormal" else value

    def _value(self, u: Unknown, z: Any) -> Any:
        jnp = self.jax.numpy
        if u.shape in ("uniform", "loguniform"):
            low, middle, high = u.scale[0], u.value, u.scale[1]
            if u.shape == "loguniform":
                low, middle, high = np.log(low), np.log(middle), np.log(high)
            share = self.jax.scipy.stats.norm.cdf(z)
            below, above = middle - low, high - middle
            drawn = middle + jnp.where(share < 0.5, below, above) * (2.0 * share - 1.0)
            return jnp.exp(drawn) if u.shape == "loguniform" else drawn
        return self._shift(u.shape, u.value, u.scale[0] * z)

    def _shift(self, shape: str, centre: Any, step: Any) -> Any:
        odds = self.jax.numpy.exp(step)
        if shape == "lognormal":
            return centre * odds
        if shape == "logitnormal":
            return centre * odds / (1.0 - centre + centre * odds)
        return centre + step

    def _predicted(self, key: Any, kept: Mapping[str, Any]) -> Array:
        """Predict new observations of new people over some of the posterior draws."""
        jax, jnp = self.jax, self.jax.numpy
        flat = {k: jnp.reshape(v, (-1, *v.shape[2:])) for k, v in kept.items()}
        count = len(next(iter(flat.values())))
        rows = np.linspace(0, count - 1, min(count, PREDICTED)).astype(int)
        predict = jax.jit(self.predict)
        found = []
        for number, row in enumerate(rows):
            one, *keys = jax.random.split(jax.random.fold_in(key, number), len(self.unknowns) + 1)
            values = {}
            for u, own in zip(self.unknowns, keys, strict=True):
                values[u.name] = self._value(u, flat[f"z: {u.name}"][row])
                if u.between:
                    eta = flat[f"omega: {u.name}"][row] * jax.random.normal(own, (self.people,))
                    values[u.name] = self._shift(u.between_shape, values[u.name], eta)
            error = flat["residual"][row] if self.errors is None else jnp.asarray(self.errors)
            expected = predict(values)
            found.append(expected * jnp.exp(error * jax.random.normal(one, expected.shape)))
        return np.stack([np.asarray(f) for f in found])

    def profiles(self, observed: Array, posterior: Posterior) -> tuple[Profile, ...]:
        """Return the profile likelihood of every unknown, in its scores about the prior.

        The prior takes no part. People's own values are fitted along, as far from the centre as
        they were found to differ; that, and the residual, stand at their posterior medians.

        Args:
            observed: values (M,).
            posterior: what was learnt from them.
        """
        jax, jnp, count = self.jax, self.jax.numpy, len(self.unknowns)
        logs = jnp.log(jnp.asarray(observed, dtype=float))
        differ = [u for u in self.unknowns if u.between]
        residual = posterior.draws.get("residual")
        sigma = self.errors if residual is None else float(np.median(residual))
        omega = {u.name: float(np.median(posterior.draws[f"omega: {u.name}"])) for u in differ}

        def residuals(x: Any) -> Any:
            own = jnp.reshape(x[count:], (len(differ), self.people))
            rows = {u.name: self._value(u, x[k]) for k, u in enumerate(self.unknowns)}
            for k, u in enumerate(differ):
                rows[u.name] = self._shift(u.between_shape, rows[u.name], omega[u.name] * own[k])
            away = (jnp.log(jnp.maximum(self.predict(rows), SMALLEST)) - logs) / sigma
            if self.censored is not None and self.censored.any():
                below = -2.0 * jax.scipy.stats.norm.logcdf(-away)
                away = jnp.where(jnp.asarray(self.censored), jnp.sqrt(below + SMALLEST), away)
            return jnp.concatenate([away, own.ravel()])

        plain, slopes = jax.jit(residuals), jax.jit(jax.jacrev(residuals))

        def at(x: Array) -> Array:
            return np.nan_to_num(np.asarray(plain(x), float), nan=BAD, posinf=BAD, neginf=-BAD)

        def moving(x: Array) -> Array:
            return np.nan_to_num(np.asarray(slopes(x), float))

        best = best_fit(at, np.zeros(count + len(differ) * self.people), moving)
        return tuple(
            profile_likelihood(at, best, k, u.name, jacobian=moving)
            for k, u in enumerate(self.unknowns)
        )

    def value_at(self, name: str, score: float) -> float:
        """Return an unknown's value at a score of its prior, in the record's unit."""
        unknown = next(u for u in self.unknowns if u.name == name)
        return float(self._value(unknown, score))


def _numpyro() -> Any:
    try:
        import numpyro
        import numpyro.diagnostics
        import numpyro.distributions
        import numpyro.infer
    except ImportError as error:
        raise SpeciosaError(
            "NumPyro is not installed", "fit", "pip install speciosa[fit]"
        ) from error
    return numpyro
